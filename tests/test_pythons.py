"""The Pythons that are tested, offered and declared are those that Lambda has."""

from __future__ import annotations

import configparser
import os
import re
import runpy
import tomllib
from pathlib import Path
from typing import Any

import pytest
from cfnlint.decode import decode
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER
from depends_on_python import DEPENDS, MARK, depends

ROOT = Path(__file__).parents[1]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
Version = tuple[int, ...]


def version(text: str) -> Version:
    return tuple(int(part) for part in text.split("."))


@pytest.fixture(scope="module")
def of_lambda() -> list[Version]:
    """Lambda's Python runtimes in cfn-lint's copy of its schema, from the oldest that we support."""
    oldest = version(PROJECT["requires-python"].removeprefix(">="))
    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", "AWS::Lambda::Function").schema
    named = (re.fullmatch(r"python(\d+\.\d+)", name) for name in schema["properties"]["Runtime"]["enum"])
    found = sorted(version(match[1]) for match in named if match)
    assert oldest in found
    return [runtime for runtime in found if runtime >= oldest]


def test_tox_tests_every_runtime(of_lambda: list[Version]) -> None:
    ini = configparser.ConfigParser()
    ini.read(ROOT / "tox.ini")
    names = re.findall(r"\bpy(\d)(\d+)\b", ini["tox"]["env_list"])
    assert [(int(major), int(minor)) for major, minor in names] == of_lambda


def test_the_template_allows_every_runtime(of_lambda: list[Version]) -> None:
    template, problems = decode(str(ROOT / "lambdas" / "template.yaml"))
    assert problems == []
    allowed = template["Parameters"]["Runtime"]["AllowedValues"]
    assert [version(name.removeprefix("python")) for name in allowed] == of_lambda


def test_the_readme_names_the_oldest_and_the_newest(of_lambda: list[Version]) -> None:
    oldest, newest = (".".join(map(str, runtime)) for runtime in (of_lambda[0], of_lambda[-1]))
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert f"every Python version from {oldest} to {newest}" in readme


@pytest.mark.parametrize("variable", ["PYENV_ROOT", "HOME"])
def test_tox_sees_the_pythons_of_pyenv_after_those_on_path(tmp_path: Path, variable: str) -> None:
    pyenv = tmp_path if variable == "PYENV_ROOT" else tmp_path / ".pyenv"
    folders = [pyenv / "versions" / name / "bin" for name in ("3.12.1", "3.13.0")]
    for folder in (*folders, pyenv / "versions" / "pypy3.11-7.3.20" / "bin"):
        folder.mkdir(parents=True)
    environ = {"PATH": "/usr/bin", variable: str(tmp_path)}
    runpy.run_path(str(ROOT / "toxfile.py"))["show_pythons"](environ)
    assert environ["PATH"].split(os.pathsep) == ["/usr/bin", *map(str, folders)]
    assert environ["UV_PYTHON_DOWNLOADS"] == "never"


def test_a_choice_about_downloads_stays_and_without_pyenv_the_path_does(tmp_path: Path) -> None:
    environ = {"PATH": "/usr/bin", "HOME": str(tmp_path), "UV_PYTHON_DOWNLOADS": "automatic"}
    before = dict(environ)
    runpy.run_path(str(ROOT / "toxfile.py"))["show_pythons"](environ)
    assert environ == before


def test_what_the_table_names_exists() -> None:
    assert [name for name in DEPENDS if not (ROOT / "tests" / name).exists()] == []


def test_what_is_in_the_table_is_marked(request: pytest.FixtureRequest) -> None:
    marked = {item.path for item in request.session.items if item.get_closest_marker(MARK)}
    assert marked == {item.path for item in request.session.items if depends(item.path)}
    assert depends(ROOT / "tests" / "functions" / "test_invoke.py")
    assert not depends(ROOT / "tests" / "functions.py")
    assert not depends(ROOT / "scenarios" / "functions")


def test_the_oldest_plays_all_of_the_tests_and_the_others_what_depends_on_them() -> None:
    ini = configparser.ConfigParser()
    ini.read(ROOT / "tox.ini")
    lines = [line for line in ini["testenv"]["commands"].splitlines() if "{posargs:tests}" in line]
    played = {line.partition(":")[0].strip(): MARK in line for line in lines}
    oldest, *others = re.findall(r"\bpy\d+\b", ini["tox"]["env_list"])
    assert played == {oldest: False, f"py3{{{','.join(name[3:] for name in others)}}}": True}
