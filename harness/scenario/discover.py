"""Find scenario files in files and folders."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from harness.files import is_file, is_folder, is_there, path_remedy, read_text
from harness.scenario import syntax
from harness.scenario.position import Position, Problem, ScenarioError

SUFFIXES = (".yaml", ".yml")
KEYS = frozenset({"title", "expect"})
"""Top-level keys that every scenario has. A file in a folder with neither of them is not a scenario."""
_RESOURCE_TYPE = re.compile(r"""\bType["']?\s*:\s*["']?(AWS|Custom)::""")
_RESOURCES = re.compile(r"""^(?:\s*[{,]?\s*["'])?Resources["']?\s*:""", re.MULTILINE)
TEMPLATE = "this is a CloudFormation template, not a scenario"
TEMPLATE_REMEDY = "specify it in a scenario, under `stack: {template: ...}`, or as template in [tool.harness]"
_AT_TOP = re.compile(r"""^(["']?)(title|expect)\1\s*:""", re.MULTILINE)


class Discovered(NamedTuple):
    """Scenario files, and a sentence for each ignored YAML file."""

    files: tuple[Path, ...]
    left: tuple[str, ...]


def discover(paths: Iterable[Path]) -> Discovered:
    """Return the scenario files for the paths: files as specified, and all `*.yaml` and `*.yml` files in
    folders.

    The files in a folder are sorted, hidden files are skipped, and no file is returned twice. In a folder,
    YAML files that are not scenarios are ignored. Broken scenarios are not ignored.

    Raises:
        ScenarioError: a path is missing, is not a scenario, or is a folder without scenarios. The error lists
            all such paths.
    """
    files: dict[Path, None] = {}
    left: dict[str, None] = {}
    problems: list[Problem] = []
    for path in paths:
        if is_folder(path):
            found = _inside(path)
            scenarios = [file for file in found if keys_at_top(file)]
            left.update(
                (f"{file} is ignored: {no_scenario(file)}", None) for file in found if file not in scenarios
            )
            if not scenarios:
                remedy = "specify a folder with .yaml files that have `title` and `expect` at the top level"
                problems.append(Problem(Position(path), "this folder contains no scenario files", remedy))
            files.update(dict.fromkeys(scenarios))
        elif problem := _problem(path):
            problems.append(problem)
        else:
            files[path] = None
    if problems:
        raise ScenarioError(problems)
    return Discovered(tuple(files), tuple(left))


def keys_at_top(file: Path) -> frozenset[str]:
    """Return the keys in `KEYS` that are at the top level of a YAML file, even if the file is broken.

    For a file that cannot be read, return all of them: parsing it as a scenario reports the reason.
    """
    try:
        text = read_text(file, "utf-8-sig", "replace")
    except OSError:
        return KEYS
    if found := _AT_TOP.findall(text):
        return frozenset(key for _, key in found)
    data = syntax.read(text, file).data  # the file may be written as {title: ...}
    return KEYS & data.keys() if isinstance(data, dict) else frozenset()


def is_template(text: str) -> bool:
    """Return whether the text is a CloudFormation template."""
    return _RESOURCE_TYPE.search(text) is not None and _RESOURCES.search(text) is not None


def no_scenario(file: Path) -> str:
    """Return a clause that explains why a YAML file is not a scenario; "" if it has all of `KEYS`."""
    missing = sorted(KEYS - keys_at_top(file), reverse=True)
    if not missing:
        return ""
    return (
        f"not a scenario, because it has no {' and no '.join(f'`{key}`' for key in missing)} at the top level"
    )


def _problem(path: Path) -> Problem | None:
    where = Position(path)
    if not is_there(path):
        return Problem(where, "file or folder not found", path_remedy(path))
    if path.suffix not in SUFFIXES:
        return Problem(where, "this is not a scenario file", "specify a .yaml or .yml file, or a folder")
    try:
        text = read_text(path, "utf-8-sig", "replace")
    except OSError as error:
        return Problem(where, f"the file cannot be read ({error.strerror})", "correct the path")
    if is_template(text):
        return Problem(where, TEMPLATE, TEMPLATE_REMEDY)
    if not keys_at_top(path):
        return Problem(where, no_scenario(path), "add them, or specify a different file")
    return None


def _inside(folder: Path) -> list[Path]:
    return sorted(
        path
        for path in folder.rglob("*")
        if path.suffix in SUFFIXES
        and is_file(path)
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    )
