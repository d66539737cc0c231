from __future__ import annotations

from pathlib import Path

import pytest

from harness.settings import SettingsError, load_settings


def project(folder: Path, text: str) -> Path:
    (folder / "pyproject.toml").write_text(text)
    return folder


def test_paths_are_relative_to_pyproject_and_parameters_are_text(tmp_path: Path) -> None:
    project(tmp_path, '[tool.harness]\ntemplate = "a/t.yaml"\nparameters = { Poll = 1 }\n')
    (tmp_path / "deep" / "er").mkdir(parents=True)
    settings = load_settings(tmp_path / "deep" / "er", {})
    assert settings.root == tmp_path
    assert settings.template == tmp_path / "a" / "t.yaml"
    assert settings.parameters == {"Poll": "1"}
    assert settings.scenarios == (tmp_path / "scenarios",)


def test_expectations_are_a_file_and_the_stack_has_a_name(tmp_path: Path) -> None:
    assert load_settings(project(tmp_path, "[tool.harness]\n"), {}).stack_name == "stack"
    longest = "a" * 128
    project(tmp_path, f'[tool.harness]\nexpectations = "own.py"\nstack_name = "{longest}"\n')
    settings = load_settings(tmp_path, {})
    assert (settings.expectations, settings.stack_name) == (tmp_path / "own.py", longest)


@pytest.mark.parametrize(
    ("option", "environ", "expected"),
    [
        ("a", {"HARNESS_ENGINE": "b"}, "a"),
        (None, {"HARNESS_ENGINE": "b"}, "b"),
        (None, {}, "c"),
    ],
)
def test_command_line_before_environment_before_file(
    tmp_path: Path, option: str | None, environ: dict[str, str], expected: str
) -> None:
    project(tmp_path, '[tool.harness]\nengine = "c"\n')
    assert load_settings(tmp_path, environ, option).engine == expected


def test_an_endpoints_region_and_ca_come_from_the_same_places_and_files_from_where_they_are_named(
    tmp_path: Path,
) -> None:
    project(tmp_path, '[tool.harness]\nendpoint_region = "eu-west-1"\nendpoint_ca_bundle = "ca.pem"\n')
    here = tmp_path / "deep"
    here.mkdir()
    settings = load_settings(here, {})
    assert (settings.endpoint_region, settings.endpoint_ca_bundle) == ("eu-west-1", tmp_path / "ca.pem")
    environ = {"HARNESS_ENDPOINT_REGION": "eu-west-2", "HARNESS_ENDPOINT_CA_BUNDLE": "mine.pem"}
    settings = load_settings(here, environ)
    assert (settings.endpoint_region, settings.endpoint_ca_bundle) == ("eu-west-2", here / "mine.pem")
    given = Path("given.pem")
    settings = load_settings(here, environ, endpoint_region="eu-west-3", endpoint_ca_bundle=given)
    assert (settings.endpoint_region, settings.endpoint_ca_bundle) == ("eu-west-3", given)


def test_without_a_table_the_embedded_engine_is_used(tmp_path: Path) -> None:
    project(tmp_path, "[tool.other]\n")
    assert load_settings(tmp_path, {}).engine == "moto"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[tool.harness]\ntemplat = "x"\n', r"unknown key 'templat'; known: endpoint_ca_bundle, "),
        ("[tool.harness]\ntemplate = 1\n", r"template is a int; it must be a str"),
        ("[tool.harness\n", r"pyproject.toml: not TOML"),
        (
            '[tool.harness]\nstack_name = "my_stack"\n',
            r"pyproject.toml: \[tool.harness\]: stack_name 'my_stack' is no name of a stack; use up to 128",
        ),
        (f'[tool.harness]\nstack_name = "{"a" * 129}"\n', r"is no name of a stack"),
        ('[tool.harness]\nstack_name = "1st"\n', r"'1st' is no name of a stack"),
    ],
)
def test_a_wrong_setting_is_named_with_its_file(tmp_path: Path, text: str, message: str) -> None:
    project(tmp_path, text)
    with pytest.raises(SettingsError, match=message):
        load_settings(tmp_path, {})
