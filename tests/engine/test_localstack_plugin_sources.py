"""LocalStack loads `harness.functions` alone: every harness module that it imports is shipped with it."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

from harness.engine.localstack.sources import FUNCTIONS, HERE, LEAVES, PLUGIN


def imported(folder: Path) -> Iterator[str]:
    """Harness modules that the files in a folder import by full name."""
    for file in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.ImportFrom) and not node.level and node.module == "harness":
                yield from (f"harness.{name.name}" for name in node.names)
            elif isinstance(node, ast.ImportFrom) and not node.level and node.module is not None:
                yield node.module
            elif isinstance(node, ast.Import):
                yield from (name.name for name in node.names)


def test_what_functions_and_the_plugin_import_of_the_harness_is_shipped() -> None:
    shipped = {f"harness.{leaf.stem}" for leaf in LEAVES}
    used = {name for folder in (FUNCTIONS, PLUGIN) for name in imported(folder)}
    outside = {name for name in used if name.startswith("harness.") and name.split(".")[1] != "functions"}
    assert "harness.quotas" in outside
    assert outside <= shipped


def test_what_is_shipped_imports_nothing_of_the_harness() -> None:
    for leaf in LEAVES:
        modules = [node for node in ast.walk(ast.parse(leaf.read_text())) if isinstance(node, ast.ImportFrom)]
        assert {node.module for node in modules} <= {"__future__", "typing"}


def test_the_project_and_the_image_ship_the_same() -> None:
    settings = tomllib.loads((PLUGIN / "pyproject.toml").read_text())["tool"]["setuptools"]
    assert settings["py-modules"] == [f"harness.{leaf.stem}" for leaf in LEAVES]
    folders = (file.parent for file in FUNCTIONS.rglob("__init__.py"))
    packages = {".".join(folder.relative_to(FUNCTIONS.parents[1]).parts) for folder in folders}
    assert set(settings["packages"]) == {"harness_localstack", *packages}
    dockerfile, ignored = (HERE / "Dockerfile").read_text(), (HERE.parents[2] / ".dockerignore").read_text()
    for leaf in LEAVES:
        assert f"harness/{leaf.name} " in dockerfile
        assert f"!harness/{leaf.name}\n" in ignored
