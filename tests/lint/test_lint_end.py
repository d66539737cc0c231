"""A check of a template that cfn-lint cannot finish ends with its caller, and after a timeout."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from harness.lint import check
from harness.lint.check import Check
from harness.settings import SettingsError

LEVELS, NAMES = "ABCD", [f"n{number}" for number in range(60)]


def _loops(level: int = 0) -> dict[str, object]:
    """Nested loops with 13 million resources."""
    if level == len(LEVELS):
        return {"T" + "".join(f"${{{name}}}" for name in LEVELS): {"Type": "AWS::SNS::Topic"}}
    return {f"Fn::ForEach::{LEVELS[level]}": [LEVELS[level], NAMES, _loops(level + 1)]}


@pytest.fixture
def endless(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A template that cfn-lint cannot finish in an hour."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    path = tmp_path / "template.yaml"
    path.write_text(json.dumps({"Transform": "AWS::LanguageExtensions", "Resources": _loops()}))
    return path


def test_it_has_a_bound_of_processor_time(endless: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check, "CPU_S", 3)
    with pytest.raises(SettingsError, match=r"template.yaml: cfn-lint \S+ did not finish within 3 s of "):
        Check(endless, {}).findings()


def test_it_ends_with_whoever_asked() -> None:
    code = (
        "import re; from harness.lint.__main__ import _end_with; _end_with(0); print('ready', flush=True); "
        "re.match('(a+)+$', 'a' * 60 + 'b')"  # one call in C, which no Python thread can interrupt
    )
    asked = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=Path(__file__).parents[2],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert asked.stdin is not None
    assert asked.stdout is not None
    assert asked.stdout.readline() == "ready\n"
    asked.stdin.close()
    assert asked.wait() == -signal.SIGIO
    asked.stdout.close()
