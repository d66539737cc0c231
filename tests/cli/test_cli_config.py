"""`harness config`: each setting, its value, and the origin of the value."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from minimal_project import write

from harness.cli import main
from harness.exit_codes import PASSED, WRONG
from harness.settings import SETTINGS

TEMPLATE = """\
Parameters:
  Hidden: {Type: String, NoEcho: true}
  Shown: {Type: String}
Resources: {}
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    table = (
        '[tool.harness]\ntemplate = "t.yaml"\nparameters = {Hidden = "h1", Shown = "s", ApiToken = "t1"}\n'
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("HARNESS_ENGINE", raising=False)
    return write(tmp_path, {"pyproject.toml": table, "t.yaml": TEMPLATE})


def shown(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, list[tuple[str, str]]]:
    """The printed lines for each setting, as values and origins."""
    assert main(["config", *arguments]) == PASSED
    found: dict[str, list[tuple[str, str]]] = {}
    name = ""
    for line in capsys.readouterr().out.splitlines():
        first, value, *origin = re.split(r"  +", line)
        name = first or name
        found.setdefault(name, []).append((value, origin[0] if origin else ""))
    return found


def test_every_setting_is_shown_with_its_origin(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HARNESS_LOCALSTACK_VERSION", "4.14.0")
    found = shown(capsys, "--engine", "ministack")
    file = str(project / "pyproject.toml")
    assert list(found) == [setting.name for setting in SETTINGS]
    assert found["engine"] == [("ministack", "command line")]
    assert found["localstack_version"] == [("4.14.0", "environment variable HARNESS_LOCALSTACK_VERSION")]
    assert found["template"] == [(str(project / "t.yaml"), file)]
    assert found["scenarios"] == [(str(project / "scenarios"), "default")]
    assert found["endpoint_url"] == [("-", "default")]


def test_nothing_secret_is_shown(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = str(project / "pyproject.toml")
    found = shown(capsys, "--endpoint-url", "https://user:pass@host:1/x")
    assert found["parameters"] == [("Hidden = ***", file), ("Shown = s", ""), ("ApiToken = ***", "")]
    assert found["endpoint_url"] == [("https://***@host:1/x", "command line")]
    (project / "t.yaml").unlink()
    assert ("ApiToken = ***", "") in shown(capsys)["parameters"]


def test_settings_are_those_of_the_path(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write(project, {"inner/pyproject.toml": '[tool.harness]\nstack_name = "inner"\n', "inner/x.yaml": ""})
    assert shown(capsys)["stack_name"] == [("stack", "default")]
    for path in ("inner", "inner/x.yaml"):
        assert shown(capsys, path)["stack_name"] == [("inner", str(project / "inner" / "pyproject.toml"))]
    (project / "inner" / "pyproject.toml").write_text("[tool.harness]\nstack_nam = 1\n")
    assert main(["config", "inner"]) == WRONG
    assert "unknown key 'stack_nam'; did you mean 'stack_name'?" in capsys.readouterr().err
