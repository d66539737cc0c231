"""Files and folders to scenario files."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from harness.scenario.position import Position, Problem, ScenarioError

SUFFIXES = (".yaml", ".yml")


def discover(paths: Iterable[Path]) -> tuple[Path, ...]:
    """The scenario files that the paths name: files as they are, of folders all `*.yaml` and `*.yml` below.

    The files of a folder are sorted, hidden ones are left out, and no file comes twice.

    Raises: ScenarioError for each path that is missing, is no YAML file, or is a folder without any.
    """
    files: dict[Path, None] = {}
    problems: list[Problem] = []
    for path in paths:
        found, wrong = _inside(path) if path.is_dir() else _file(path)
        files.update(dict.fromkeys(found))
        problems += wrong
    if problems:
        raise ScenarioError(problems)
    return tuple(files)


def _file(path: Path) -> tuple[list[Path], list[Problem]]:
    if not path.exists():
        return [], [Problem(Position(path), "there is no such file or folder", "correct the path")]
    if path.suffix not in SUFFIXES:
        return [], [
            Problem(Position(path), "this is no scenario file", "name a .yaml or .yml file, or a folder")
        ]
    return [path], []


def _inside(folder: Path) -> tuple[list[Path], list[Problem]]:
    found = sorted(
        path
        for path in folder.rglob("*")
        if path.suffix in SUFFIXES
        and path.is_file()
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    )
    if found:
        return found, []
    return [], [
        Problem(Position(folder), "this folder has no scenario files", "name one that has .yaml files")
    ]
