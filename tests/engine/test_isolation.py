"""The setting `isolation`, and the report of `harness engines` for this machine."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from harness.cli import main
from harness.engine import engine_of, isolation
from harness.engine.base import Availability, EngineError
from harness.exit_codes import PASSED
from harness.settings import Settings, SettingsError
from harness.settings_reading import load_settings

FORBIDDEN = """
import sys
sys.path.append(sys.argv[1])
import isolation_modes
isolation_modes._forbid()
from harness.engine.isolation import state
found = state()
print(found.usable, found.detail)
"""


def test_required_isolation_is_refused_where_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isolation, "state", lambda: Availability(False, "unshare: no", "allow it"))
    with pytest.raises(EngineError) as refused:
        engine_of(Settings(Path(), isolation="required", origins={"isolation": "pyproject.toml"}))
    assert str(refused.value) == (
        "isolation is required (pyproject.toml), but mount namespaces are not available: unshare: no; "
        'allow it, or set isolation = "best"'
    )


def test_required_isolation_is_refused_where_functions_are_not_ours() -> None:
    settings = Settings(Path(), engine="endpoint", endpoint_url="http://127.0.0.1:1", isolation="required")
    with pytest.raises(EngineError, match="the engine endpoint does not run functions as processes"):
        engine_of(settings)


def test_another_word_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"HARNESS_ISOLATION: invalid isolation 'strict': write best or"):
        load_settings(tmp_path, {"HARNESS_ISOLATION": "strict"})


@pytest.mark.skipif(sys.platform != "linux", reason="namespaces are Linux's")
def test_the_reason_is_said_where_namespaces_are_forbidden() -> None:
    folder = Path(__file__).parents[1] / "functions"
    done = subprocess.run(
        [sys.executable, "-c", FORBIDDEN, str(folder)], stdout=subprocess.PIPE, text=True, check=True
    )
    assert done.stdout.startswith("False unshare: Operation not permitted")


def test_engines_tells_of_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["engines"]) == PASSED
    (line,) = [line for line in capsys.readouterr().out.splitlines() if line.startswith("isolation ")]
    found = isolation.state()
    assert line.split()[1] == ("usable" if found.usable else "not")
    assert found.detail in line
