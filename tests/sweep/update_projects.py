"""The report in two folders: as it is, and as a change makes it, so that one is updated to the other."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from harness.expect.project import load_scenarios
from harness.session import Session
from harness.settings_reading import load_settings
from harness.sweep.updates.model import Swept
from harness.sweep.updates.sweep import Selection, sides_of, sweep_updates

ROOT = Path(__file__).parents[2]
SCENARIO = "scenarios/two-buckets.yaml"
PYPROJECT = """\
[tool.harness]
template = "lambdas/template.yaml"
state_machine = "Orchestrator"
stack_name = "usage"
expectations = "scenarios/expectations.py"
invariants = "scenarios/invariants.py"
volatile_attributes = ["expires_at"]
"""
Change = Callable[["Copy"], None]


class Copy:
    """A copy of the project, to be changed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in ("lambdas", "scenarios"):
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        (folder / "pyproject.toml").write_text(PYPROJECT)

    def edit(self, file: str, before: str, after: str, *, everywhere: bool = False) -> None:
        """Put a text in the place of another, which is there once."""
        path = self.folder / file
        text = path.read_text()
        assert text.count(before) == 1 or (everywhere and before in text), (file, before, text.count(before))
        path.write_text(text.replace(before, after))

    def code(self, module: str, before: str, after: str) -> None:
        """Edit a module of the functions."""
        self.edit(f"lambdas/src/usage_report/{module}.py", before, after)

    def template(self, before: str, after: str, *, everywhere: bool = False) -> None:
        """Edit the template."""
        self.edit("lambdas/template.yaml", before, after, everywhere=everywhere)

    def definition(self, before: str, after: str, *, everywhere: bool = False) -> None:
        """Edit the orchestrator's definition."""
        self.edit("lambdas/orchestrator.asl.json", before, after, everywhere=everywhere)

    def block(self, logical_id: str) -> str:
        """The lines of a resource of the template."""
        text = (self.folder / "lambdas/template.yaml").read_text()
        begin = text.index(f"\n  {logical_id}:\n") + 1
        return text[begin : text.index("\n\n", begin) + 1]


def swept(session: Session, folder: Path, change: Change, point: str) -> Swept:
    """Update the report from what it is to what a change makes of it, at the points of this text."""
    old, new = Copy(folder / "old"), Copy(folder / "new")
    change(new)
    settings = load_settings(new.folder, {})
    (scenario,) = load_scenarios([new.folder / SCENARIO], lambda _: settings)
    sides = sides_of(scenario, settings, load_settings(old.folder, {}), "HEAD")
    return sweep_updates(session, sides, Selection(point))
