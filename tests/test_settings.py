"""Settings of one project: what is declared, where a value comes from, and what is wrong in a table."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from harness.acceptance import LIMITS
from harness.image_source import ImageSource
from harness.limits.table import BY_ID
from harness.planned import StackEntry
from harness.settings import SETTINGS, Settings, SettingsError
from harness.settings_reading import load_settings


def project(folder: Path, text: str) -> Path:
    (folder / "pyproject.toml").write_text(text)
    return folder


def test_paths_are_relative_to_pyproject_and_parameters_are_text(tmp_path: Path) -> None:
    project(
        tmp_path, '[tool.harness]\ntemplate = "a/t.yaml"\nparameters = { Poll = 1, On = true, F = 0.5 }\n'
    )
    (tmp_path / "deep" / "er").mkdir(parents=True)
    settings = load_settings(tmp_path / "deep" / "er", {})
    assert settings.root == tmp_path
    assert settings.template == tmp_path / "a" / "t.yaml"
    assert settings.parameters == {"Poll": "1", "On": "true", "F": "0.5"}
    assert settings.scenarios == (tmp_path / "scenarios",)
    assert settings.known_differences == tmp_path / "scenarios" / "known-differences.toml"


def test_expectations_are_a_file_and_the_stack_has_a_name(tmp_path: Path) -> None:
    assert load_settings(project(tmp_path, "[tool.harness]\n"), {}).stack_name == "stack"
    longest = "a" * 128
    project(tmp_path, f'[tool.harness]\nexpectations = "own.py"\nstack_name = "{longest}"\n')
    settings = load_settings(tmp_path, {})
    assert (settings.expectations, settings.stack_name) == (tmp_path / "own.py", longest)


@pytest.mark.parametrize(
    ("option", "environ", "expected", "origin"),
    [
        ("a", {"HARNESS_ENGINE": "b"}, "a", "command line"),
        (None, {"HARNESS_ENGINE": "b"}, "b", "environment variable HARNESS_ENGINE"),
        (None, {"HARNESS_ENGINE": ""}, "c", "{}/pyproject.toml"),
        (None, {}, "c", "{}/pyproject.toml"),
    ],
)
def test_command_line_before_environment_before_file(
    tmp_path: Path, option: str | None, environ: dict[str, str], expected: str, origin: str
) -> None:
    project(tmp_path, '[tool.harness]\nengine = "c"\n')
    settings = load_settings(tmp_path, environ, {"engine": option})
    assert settings.engine == expected
    assert settings.origins["engine"] == origin.format(tmp_path)


def test_a_url_alone_on_the_command_line_is_for_the_engine_endpoint(tmp_path: Path) -> None:
    project(tmp_path, '[tool.harness]\nengine = "c"\n')
    settings = load_settings(tmp_path, {"HARNESS_ENGINE": "b"}, {"endpoint_url": "http://x"})
    assert (settings.engine, settings.endpoint_url) == ("endpoint", "http://x")
    both = load_settings(tmp_path, {}, {"endpoint_url": "http://x", "engine": "a"})
    assert (both.engine, both.endpoint_url) == ("a", "http://x")


def test_an_endpoints_region_and_ca_come_from_the_same_places_and_files_from_where_they_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project(tmp_path, '[tool.harness]\nendpoint_region = "eu-west-1"\nendpoint_ca_bundle = "ca.pem"\n')
    here = tmp_path / "deep"
    here.mkdir()
    monkeypatch.chdir(here)
    settings = load_settings(here, {})
    assert (settings.endpoint_region, settings.endpoint_ca_bundle) == ("eu-west-1", tmp_path / "ca.pem")
    environ = {"HARNESS_ENDPOINT_REGION": "eu-west-2", "HARNESS_ENDPOINT_CA_BUNDLE": "mine.pem"}
    settings = load_settings(here, environ)
    assert (settings.endpoint_region, settings.endpoint_ca_bundle) == ("eu-west-2", here / "mine.pem")
    options = {"endpoint_region": "eu-west-3", "endpoint_ca_bundle": "given.pem"}
    settings = load_settings(tmp_path, environ, options)
    assert (settings.endpoint_region, settings.endpoint_ca_bundle) == ("eu-west-3", here / "given.pem")


def test_without_a_table_the_embedded_engine_is_used(tmp_path: Path) -> None:
    project(tmp_path, "[tool.other]\n")
    settings = load_settings(tmp_path, {})
    assert settings == Settings(
        tmp_path,
        scenarios=(tmp_path / "scenarios",),
        known_differences=tmp_path / "scenarios" / "known-differences.toml",
    )
    assert set(settings.origins.values()) == {"default"}


def test_every_setting_is_declared_with_a_description_and_has_an_origin(tmp_path: Path) -> None:
    names = [setting.name for setting in SETTINGS]
    assert sorted(names) == sorted(vars(load_settings(tmp_path, {})).keys() - {"root", "origins"})
    assert sorted(load_settings(tmp_path, {}).origins) == sorted(names)
    assert all(setting.description.endswith(".") for setting in SETTINGS)


def test_stacks_are_entries_of_their_own(tmp_path: Path) -> None:
    text = 'stacks = [{template = "a.yaml"}, {template = "cdk.out", name = "B", parameters = {N = 7}}]'
    settings = load_settings(project(tmp_path, f"[tool.harness]\n{text}\n"), {})
    assert settings.stacks == (
        StackEntry(tmp_path / "a.yaml"),
        StackEntry(tmp_path / "cdk.out", "B", {"N": "7"}),
    )
    assert pickle.loads(pickle.dumps(settings)) == settings


def test_settings_go_to_other_processes(tmp_path: Path) -> None:
    settings = load_settings(project(tmp_path, "[tool.harness]\nparameters = {A = 1}\n"), {})
    assert pickle.loads(pickle.dumps(settings)) == settings


def test_code_that_is_elsewhere(tmp_path: Path) -> None:
    text = """[tool.harness]
build = false
layers = {"arn:*:layer:a:*" = "./layers/a", "arn:*:layer:b:*" = "b.zip"}
[tool.harness.images]
Fn = {code = "./fn", handler = "app.handler", runtime = "python3.13"}
Other = {code = "other"}
"""
    settings = load_settings(project(tmp_path, text), {})
    assert settings.build is False
    assert settings.layers == {
        "arn:*:layer:a:*": tmp_path / "layers" / "a",
        "arn:*:layer:b:*": tmp_path / "b.zip",
    }
    assert settings.images == {
        "Fn": ImageSource(tmp_path / "fn", "app.handler", "python3.13"),
        "Other": ImageSource(tmp_path / "other"),
    }
    assert load_settings(project(tmp_path, "[tool.harness]\n"), {}).build is None


@pytest.mark.parametrize(
    ("text", "messages"),
    [
        ('build = "yes"\n', ["build must be true or false, not a string"]),
        ('layers = ["a"]\n', ["layers must be a table, not an array"]),
        ("layers = {a = 1}\n", ["layers.a must be a string, not an integer"]),
        ("images = true\n", ["images must be a table of tables, not a boolean; write [tool.harness.images]"]),
        (
            'images = {Fn = "fn"}\n',
            ["images.Fn must be a table, not a string; write {code = ..., "],
        ),
        (
            'images = {Fn = {codee = "fn", runtime = "nodejs22.x", handler = 1}}\n',
            [
                "unknown key 'codee' in images.Fn; did you mean 'code'?",
                "images.Fn.handler must be a string, not an integer",
                "images.Fn has no code; name the folder that the function runs from",
                "images.Fn.runtime 'nodejs22.x' is not a Lambda Python runtime",
            ],
        ),
        ('templat = "x"\n', ["unknown key 'templat'; did you mean 'template'?"]),
        ("template = 1\n", ["template must be a string, not an integer"]),
        ("scp = 1\n", ["scp must be a string, not an integer"]),
        ("scp = []\n", ["scp is empty; give it a value or remove the key"]),
        ('scp = "none.json"\n', ["scp: "]),
        (
            'accept = "x"\n',
            ["accept must be an array of tables, not a string; write [[tool.harness.accept]]"],
        ),
        (
            'stacks = "x"\n',
            ["stacks must be an array of tables, not a string; write [[tool.harness.stacks]]"],
        ),
        ("stacks = []\n", ["stacks is empty; give it a value or remove the key"]),
        ("stacks = [1]\n", ["stacks[0] must be a table, not an integer"]),
        (
            'stacks = [{name = "a", parameter = {}}, {template = 1, parameters = {A = []}}]\n',
            [
                "unknown key 'parameter' in stacks[0]; did you mean 'parameters'? known: template, name,",
                "stacks[0] has no template; add one",
                "stacks[1].template must be a string, not an integer",
                "stacks[1].parameters.A must be a string, a number or a boolean, not an array",
            ],
        ),
        (
            'template = "a.yaml"\nstack_name = "a"\nstacks = [{template = "b.yaml"}]\n',
            ["stacks cannot be combined with template and stack_name; use template for one stack, or stacks"],
        ),
        (
            'accept = [{role = "R", action = "s3:*", why = "x"}]\n',
            ["unknown key 'why' in accept[0]; known: role, action,", "accept[0] has no reason; say why"],
        ),
        (
            'accept = [{role = "R", reason = "x"}, {reason = "x"}]\n',
            [
                "accept[0] has no action; name a role and an action, a limit, or a rule",
                "accept[1] has no role and no action; name a role and an action, a limit, or a rule",
            ],
        ),
        (
            'accept = [{limit = "sns-mesage", reason = "x"}]\n',
            ["accept[0].limit 'sns-mesage' is not a known limit; did you mean 'sns-message'?"],
        ),
        (
            'accept = [{limit = "sns-message", action = "x", reason = ""}]\n',
            [
                "accept[0].reason is empty; give it a value or remove the key",
                "accept[0] has both limit and action; accept a limit, a permission or a rule",
            ],
        ),
        ('template = ""\n', ["template is empty; give it a value or remove the key"]),
        ("parameters = []\n", ["parameters must be a table, not an array"]),
        (
            "parameters = { A = [1] }\n",
            ["parameters.A must be a string, a number or a boolean, not an array"],
        ),
        ('lint = "E3034"\n', ["lint must be false or an array of strings, not a string"]),
        ('lint = ["E3034", 1]\n', ["lint[1] must be a string, not an integer"]),
        ('scenarios = "x"\n', ["scenarios must be an array of strings, not a string"]),
        ('scenarios = ["x", 2026-01-01]\n', ["scenarios[1] must be a string, not a date"]),
        ("scenarios = []\n", ["scenarios is empty; give it a value or remove the key"]),
        ('network = "a.example:1"\n', ["network must be an array of strings, not a string"]),
        ("network = []\n", ["network is empty; give it a value or remove the key"]),
        (
            'network = ["https://a.example", "a.example:https", "::1:80", "a.example:0", "a.example:443"]\n',
            [
                f"network: {wrong!r} is not a host and a port; write it like "
                for wrong in ("https://a.example", "a.example:https", "::1:80", "a.example:0")
            ],
        ),
        ('stack_name = "my_stack"\n', ["stack_name 'my_stack' is not a valid stack name; use up to 128"]),
        (f'stack_name = "{"a" * 129}"\n', ["stack_name 'aaa"]),
        ('stack_name = "1st"\n', ["stack_name '1st' is not a valid stack name"]),
        ("engine = 1.5\nstack_name = true\n", ["engine must be a string, not a float", "stack_name must be"]),
    ],
)
def test_everything_that_is_wrong_is_named_with_its_file(
    tmp_path: Path, text: str, messages: list[str]
) -> None:
    project(tmp_path, f"[tool.harness]\n{text}")
    with pytest.raises(SettingsError) as error:
        load_settings(tmp_path, {})
    lines = str(error.value).splitlines()
    assert len(lines) == len(messages)
    for line, message in zip(lines, messages, strict=True):
        assert line.startswith(f"{tmp_path}/pyproject.toml: [tool.harness]: {message}")


def test_addresses_that_functions_reach(tmp_path: Path) -> None:
    text = '[tool.harness]\nnetwork = ["hooks.slack.com:443", "[::1]:80"]\n'
    settings = load_settings(project(tmp_path, text), {})
    assert settings.network == ("hooks.slack.com:443", "[::1]:80")
    assert load_settings(project(tmp_path, "[tool.harness]\n"), {}).network == ()


@pytest.mark.parametrize(
    ("text", "off"),
    [
        ("", ()),
        ("lint = true\n", ()),
        ("lint = []\n", ()),
        ("lint = false\n", False),
        ('lint = ["E3034", "W"]\n', ("E3034", "W")),
    ],
)
def test_lint_is_off_as_a_whole_or_by_rules(tmp_path: Path, text: str, off: object) -> None:
    project(tmp_path, f"[tool.harness]\n{text}")
    assert load_settings(tmp_path, {}).lint == off


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[tool.harness\n", "pyproject.toml: invalid TOML: "),
        ("[tool]\nharness = []\n", "pyproject.toml: tool.harness must be a table, not an array"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, text: str, message: str) -> None:
    project(tmp_path, text)
    with pytest.raises(SettingsError, match=message):
        load_settings(tmp_path, {})


@pytest.mark.parametrize("text", ["[tool.other\n", "tool = 1  # not for a harness\n"])
def test_a_file_without_the_table_is_passed_over_whatever_is_wrong_with_it(tmp_path: Path, text: str) -> None:
    project(tmp_path, '[tool.harness]\nengine = "c"\n')
    (tmp_path / "inner").mkdir()
    assert load_settings(project(tmp_path / "inner", text), {}).engine == "c"


@pytest.mark.parametrize(
    ("policy", "message"),
    [
        (None, "cannot be read (No such file or directory)"),
        ("{", "is not JSON: "),
        ("[]", "is not a policy; write "),
        ("{}", "it has no Statement"),
        ('{"Statement": [1]}', "statement 1 is not an object"),
        (
            '{"Statement": {"Effect": "allow", "Action": "*", "Resource": "*"}}',
            "statement 1: Effect is 'allow'; write Allow or Deny",
        ),
        (
            '{"Statement": {"Effect": "Deny", "Resource": "*"}}',
            "statement 1 needs either Action or NotAction",
        ),
        (
            '{"Statement": {"Effect": "Deny", "Action": "*"}}',
            "statement 1 needs either Resource or NotResource",
        ),
        (
            '{"Statement": {"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"}}',
            "statement 1 has Principal, which is not supported in a service control policy",
        ),
    ],
)
def test_a_service_control_policy_is_read_before_anything_starts(
    tmp_path: Path, policy: str | None, message: str
) -> None:
    project(tmp_path, '[tool.harness]\nscp = ["scp.json"]\n')
    if policy is not None:
        (tmp_path / "scp.json").write_text(policy)
    with pytest.raises(SettingsError, match="scp: ") as error:
        load_settings(tmp_path, {})
    assert str(error.value).startswith(f"{tmp_path}/pyproject.toml: [tool.harness]: scp: {tmp_path}/scp.json")
    assert message in str(error.value)


def test_policies_of_the_organization_and_accepted_findings(tmp_path: Path) -> None:
    (tmp_path / "scp.json").write_text('{"Statement": {"Effect": "Deny", "Action": "*", "Resource": "*"}}')
    project(
        tmp_path,
        '[tool.harness]\nscp = "scp.json"\n'
        '[[tool.harness.accept]]\nrole = "Report*"\naction = "logs:*"\nreason = "made elsewhere"\n'
        '[[tool.harness.accept]]\nlimit = "states-history"\nreason = "no real run is so long"\n',
    )
    settings = load_settings(tmp_path, {})
    assert settings.scp == (tmp_path / "scp.json",)
    permission, limit = settings.accept
    assert (permission.role, permission.action, permission.resource) == ("Report*", "logs:*", "*")
    assert str(permission) == "Report*: logs:* on * (made elsewhere)"
    assert str(limit) == "states-history (no real run is so long)"
    assert [entry.index for entry in settings.accept] == [0, 1]


def test_every_limit_can_be_accepted_by_its_name() -> None:
    assert sorted(BY_ID) == list(LIMITS)
