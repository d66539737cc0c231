"""pip output becomes progress messages, which only a terminal shows."""

from __future__ import annotations

import io
import sys

import pytest

from harness.cli.progress_line import progress_line
from harness.engine.base import EngineError
from harness.engine.downloads import Downloads
from harness.engine.pythons import pip_options, run

LINES = """\
Collecting boto3==1.44 (from -r lock.txt (line 3))
  Downloading boto3-1.44-py3-none-any.whl.metadata (6.7 kB)
  Downloading boto3-1.44-py3-none-any.whl (500 kB)
Collecting moto[all]>=5
  Downloading https://pypi.example/moto-5.whl (6.4 MB)
Requirement already satisfied: six in ./lib
Installing collected packages: boto3, moto
"""
PHRASES = [
    "1 of 2: boto3",
    "1 of 2: boto3-1.44-py3-none-any.whl (500 kB)",
    "2 of 2: moto",
    "2 of 2: moto-5.whl (6.4 MB), 0.5 MB so far",
    "3 of 3: six",
    "6.9 MB downloaded, unpacking 3 packages",
]


def test_the_lines_of_pip_become_phrases():
    told: list[str] = []
    run([sys.executable, "-c", f"print({LINES!r}, end='')"], Downloads(2, told.append).hear)
    assert told == PHRASES


def test_a_command_that_fails_says_its_last_lines_whoever_hears():
    command = [sys.executable, "-c", "import sys; print('one'); sys.exit('no network')"]
    for hear in (None, lambda _: None):
        with pytest.raises(EngineError, match=r"failed:\n(?s:.*)no network"):
            run(command, hear)


def test_pip_prints_only_where_somebody_hears():
    assert "--quiet" in pip_options(None)
    assert "--quiet" not in pip_options(print)
    with progress_line(io.StringIO()) as told:
        assert told is None


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_shows_one_line(monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setenv("TERM", "xterm")
    with progress_line(stream := Terminal()) as told:
        assert told is not None
        told("3 of 40: " + "a-very-long-name" * 9)
    shown = stream.getvalue()
    assert "3 of 40: a-very-long-name" in shown
    assert "…" in shown
