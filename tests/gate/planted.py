"""Copies of projects that tests edit: the deployed version, and the version after a commit."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from pathlib import Path

from harness.gate.resolved import Resolved, of_project
from harness.settings_reading import load_settings

ROOT = Path(__file__).parents[2]
PLAIN, SAM, CDK = ROOT / "lambdas", ROOT / "tests" / "projects" / "sam", ROOT / "tests" / "projects" / "cdk"
_LEFT_OUT = shutil.ignore_patterns("__pycache__", ".aws-sam", ".venv", "*.pyc", "tests")


@dataclass
class Project:
    """Two copies of a project: the original `base`, and `head`, which `edit` changes."""

    base: Path
    head: Path

    @property
    def template(self) -> Path:
        return self.head / "template.yaml"

    def edit(self, old: str, new: str, *, file: str = "template.yaml", of_base: bool = False) -> None:
        """Replace a string that occurs once."""
        path = (self.base if of_base else self.head) / file
        text = path.read_text()
        assert text.count(old) == 1, f"{text.count(old)} times: {old}"
        path.write_text(text.replace(old, new))

    def edit_both(self, old: str, new: str) -> None:
        self.edit(old, new)
        self.edit(old, new, of_base=True)

    def replace_references(self, logical_id: str, *, of_base: bool = False) -> None:
        """Replace references to a resource that is removed."""
        path = (self.base if of_base else self.head) / "template.yaml"
        text = path.read_text().replace(f"!Ref {logical_id}", "usage")
        path.write_text(text.replace(f"!GetAtt {logical_id}.Arn", '"*"'))

    def remove(self, logical_id: str) -> None:
        """Remove a resource from a YAML template."""
        begin, end = self._block(logical_id)
        lines = self.template.read_text().splitlines(keepends=True)
        self.template.write_text("".join(lines[:begin] + lines[end:]))

    def block(self, logical_id: str) -> str:
        begin, end = self._block(logical_id)
        return "".join(self.template.read_text().splitlines(keepends=True)[begin:end])

    def _block(self, logical_id: str) -> tuple[int, int]:
        lines = self.template.read_text().splitlines()
        begin = lines.index(f"  {logical_id}:")
        end = next(
            (n for n in range(begin + 1, len(lines)) if lines[n].strip() and not lines[n].startswith("   ")),
            len(lines),
        )
        return begin, end

    def sides(self, **parameters: str) -> tuple[Resolved, Resolved]:
        return side(self.base, "main", **parameters), side(self.head, "here", **parameters)

    def line(self, text: str, *, file: str = "template.yaml", of_base: bool = False, after: str = "") -> int:
        """The 1-based number of the first line with a string, after the first line with `after`."""
        lines = ((self.base if of_base else self.head) / file).read_text().splitlines()
        begin = next(n for n, line in enumerate(lines) if after in line)
        return next(n for n in range(begin, len(lines)) if text in lines[n]) + 1


def copied(project: Path, folder: Path) -> Project:
    for name in ("base", "head"):
        shutil.copytree(project, folder / name, ignore=_LEFT_OUT)
        if not (folder / name / "pyproject.toml").exists():
            (folder / name / "pyproject.toml").write_text('[tool.harness]\ntemplate = "template.yaml"\n')
    return Project(folder / "base", folder / "head")


def side(folder: Path, label: str, **parameters: str) -> Resolved:
    settings = load_settings(folder, {})
    if parameters:
        settings = replace(settings, parameters={**settings.parameters, **parameters})
    return of_project(settings, label)
