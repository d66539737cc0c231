"""Settings of several projects in one command."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.projects import Projects
from harness.settings import SettingsError


@pytest.fixture
def monorepo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two projects below a folder with a pyproject.toml that has no table; the folder is where we are."""
    (tmp_path / "pyproject.toml").write_text("[tool.other]\n")
    for name in ("a", "b"):
        (tmp_path / name / "scenarios").mkdir(parents=True)
        (tmp_path / name / "scenarios" / "x.yaml").write_text("")
        write(tmp_path / name, f'stack_name = "{name}"\n')
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(folder: Path, text: str) -> None:
    (folder / "pyproject.toml").write_text(f"[tool.harness]\n{text}")


def test_a_scenario_has_the_settings_of_the_nearest_table_above_it(monorepo: Path) -> None:
    projects = Projects({})
    assert [projects.of(Path(name, "scenarios", "x.yaml")).stack_name for name in "ab"] == ["a", "b"]
    assert projects.here.root == monorepo
    assert projects.here.stack_name == "stack"


def test_else_those_above_the_working_directory(
    monorepo: Path, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "x.yaml"
    monkeypatch.chdir(monorepo / "a" / "scenarios")
    projects = Projects({})
    assert projects.above(elsewhere) is None
    assert projects.of(elsewhere).root == monorepo / "a"


def test_a_link_belongs_to_the_project_that_it_is_in(monorepo: Path) -> None:
    link = monorepo / "a" / "scenarios" / "link.yaml"
    link.symlink_to(monorepo / "b" / "scenarios" / "x.yaml")
    assert Projects({}).of(link).stack_name == "a"


def test_projects_that_agree_have_one_engine(monorepo: Path) -> None:
    for name in ("a", "b"):
        write(monorepo / name, 'engine = "localstack"\n')
    paths = [Path(name, "scenarios", "x.yaml") for name in "ab"]
    assert Projects({}).engine(paths).engine == "localstack"
    assert Projects({}).engine([]).engine == "moto"


def test_projects_that_disagree_are_told_what_to_do(monorepo: Path) -> None:
    write(monorepo / "a", 'engine = "localstack"\n')
    paths = [Path(name, "scenarios", "x.yaml") for name in "ab"]
    with pytest.raises(SettingsError) as error:
        Projects({}).engine(paths)
    assert str(error.value) == (
        f"the projects have different values of engine: 'localstack' ({monorepo}/a/pyproject.toml), 'moto' "
        f"(default for {monorepo}/b); all scenarios of a command run on one engine: "
        "set --engine or HARNESS_ENGINE, or run each project separately"
    )
    assert Projects({}, {"engine": "endpoint"}).engine(paths).engine == "endpoint"
    assert Projects({"HARNESS_ENGINE": "moto"}).engine(paths).engine == "moto"


def test_only_settings_of_the_chosen_engine_need_to_agree(monorepo: Path) -> None:
    write(monorepo / "a", 'endpoint_url = "http://a"\n')
    write(monorepo / "b", 'endpoint_url = "http://b"\n')
    paths = [Path(name, "scenarios", "x.yaml") for name in "ab"]
    assert Projects({}).engine(paths).engine == "moto"
    with pytest.raises(
        SettingsError, match=r"different values of endpoint_url: .*set --harness-endpoint-url or"
    ):
        Projects({}, {"engine": "endpoint"}, "--harness-").engine(paths)
    assert Projects({}).engine(paths, ["moto", "ministack"])
    with pytest.raises(SettingsError, match="different values of endpoint_url"):
        Projects({}).engine(paths, ["moto", "endpoint"])


def test_engines_that_a_command_names_are_no_setting(monorepo: Path) -> None:
    write(monorepo / "a", 'engine = "localstack"\n')
    paths = [Path(name, "scenarios", "x.yaml") for name in "ab"]
    assert Projects({}).engine(paths, ["moto", "ministack"])
