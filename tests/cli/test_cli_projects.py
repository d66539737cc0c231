"""The command line with several projects, in other folders, and in folders full of traps."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import minimal_project
import pytest
from minimal_project import PUBLISHES, scenario, write

from harness.cli import main
from harness.exit_codes import PASSED, WRONG

pytestmark = pytest.mark.thorough  # starts many processes; one run on one Python is enough

# Names of modules that the harness, its libraries or Python itself import.
TRAPS = ("queue", "moto", "json", "pickle", "socket", "boto3", "yaml", "harness/__init__", "ruamel/__init__")
TRAP = "raise AssertionError(f'{__file__} was imported')\n"


@pytest.fixture
def monorepo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two projects below one root. One specifies its machine, and an invariant that never holds."""
    (tmp_path / "pyproject.toml").write_text("[tool.other]\n")
    for name in ("a", "b"):
        minimal_project.project(tmp_path / name, x=scenario(f"That of {name}"))
    template = minimal_project.TEMPLATE.replace("Machine:", "Other:")
    table = f'{minimal_project.PYPROJECT}state_machine = "Other"\nstack_name = "of-b"\n'
    table += 'invariants = "invariants.py"\n'
    invariants = "def no(played): yield f'never in {__file__}'\n\n\nINVARIANTS = (no,)\n"
    write(tmp_path / "b", {"pyproject.toml": table, "template.yaml": template, "invariants.py": invariants})
    monkeypatch.chdir(tmp_path)
    return tmp_path


def outcomes(file: Path) -> dict[str, str]:
    return {r["title"]: r["outcome"] for r in json.loads(file.read_text())["results"]}


def test_projects_below_one_root_each_deploy_their_own(monorepo: Path) -> None:
    assert main(["run", "a/scenarios", "b/scenarios", "--json", "r.json"]) == PASSED
    assert outcomes(monorepo / "r.json") == {"That of a": "passed", "That of b": "passed"}
    results = json.loads((monorepo / "r.json").read_text())["results"]
    machines = [r["observation"]["runs"][0]["execution"]["machine"] for r in results]
    assert "Machine" in machines[0]
    assert "Other" in machines[1]


def test_a_scenario_elsewhere_has_its_own_project(
    monorepo: Path, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    monkeypatch.chdir(tmp_path_factory.mktemp("here"))
    assert main(["run", str(monorepo / "b" / "scenarios" / "x.yaml"), "--json", "r.json"]) == PASSED
    assert outcomes(Path("r.json")) == {"That of b": "passed"}


def test_a_scenario_without_a_project_has_that_of_the_working_directory(
    monorepo: Path, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = write(tmp_path_factory.mktemp("elsewhere"), {"x.yaml": scenario("Elsewhere")})
    monkeypatch.chdir(monorepo / "a" / "scenarios")
    assert main(["run", str(elsewhere / "x.yaml"), "--json", "r.json"]) == PASSED
    assert outcomes(Path("r.json")) == {"Elsewhere": "passed"}


def test_projects_that_disagree_about_the_engine_are_refused(
    monorepo: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = (monorepo / "b" / "pyproject.toml").read_text()
    (monorepo / "b" / "pyproject.toml").write_text(f'{table}engine = "ministack"\n')
    assert main(["run", "a/scenarios", "b/scenarios"]) == WRONG
    said = capsys.readouterr().err
    assert "the projects have different values of engine: 'moto' (default for " in said
    assert "set --engine or HARNESS_ENGINE, or run each project separately" in said
    assert main(["run", "a/scenarios", "b/scenarios", "--engine", "moto"]) == PASSED


def test_a_sweep_checks_the_invariants_of_its_project(
    monorepo: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = (monorepo / "b" / "pyproject.toml").read_text()
    (monorepo / "b" / "pyproject.toml").write_text(table.replace('"Other"', '"Publish"'))
    (monorepo / "b" / "template.yaml").write_text(PUBLISHES)
    assert main(["sweep", "b/scenarios/x.yaml", "--kind", "error", "-n", "1"]) == 1
    assert f"never in {monorepo}/b/invariants.py" in capsys.readouterr().out


@pytest.fixture
def traps(tmp_path: Path) -> Path:
    """A project in a folder full of modules that must not be imported, and of folders that look like
    packages.
    """
    minimal_project.project(tmp_path, a=scenario())
    table = f'{minimal_project.PYPROJECT}state_machine = "Publish"\n'
    files = {"pyproject.toml": table, "template.yaml": PUBLISHES}
    return write(tmp_path, {**files, **{f"{name}.py": TRAP for name in TRAPS}})


def harness(cwd: Path, command: list[str], *arguments: str) -> subprocess.CompletedProcess[str]:
    env = {name: value for name, value in os.environ.items() if name != "PYTHONSAFEPATH"}
    return subprocess.run(
        [*command, *arguments], cwd=cwd, env=env, capture_output=True, text=True, timeout=120, check=False
    )


@pytest.mark.parametrize("arguments", [["run"], ["sweep", "scenarios/a.yaml", "-n", "2"]])
def test_modules_in_the_working_directory_are_not_those_of_the_harness(
    traps: Path, arguments: list[str]
) -> None:
    done = harness(traps, [str(Path(sys.executable).with_name("harness"))], *arguments)
    assert "was imported" not in done.stderr
    assert done.returncode == PASSED, done.stdout + done.stderr


def test_nor_are_they_with_python_m(traps: Path) -> None:
    (traps / "harness" / "__init__.py").unlink()
    (traps / "harness").rmdir()
    for name in ("runpy", "pkgutil"):
        assert not (traps / f"{name}.py").exists(), "Python itself imports it before we can do anything"
    done = harness(traps, [sys.executable, "-m", "harness"], "run")
    assert done.returncode == PASSED, done.stdout + done.stderr
