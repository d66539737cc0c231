"""Bombs end quickly with a message on the command line."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
from bombs import BOMBS, project
from bounds import limit_child

ROOT = Path(__file__).parents[2]
CPU_S = 60
FAST = ("100,000 brackets", "a FIFO as a scenario", "(a+)+$")
ENDED_BY_THE_TEST = -24


def explode(name: str, folder: Path) -> None:
    bomb = BOMBS[name]
    bomb.make(project(folder))
    done = subprocess.run(
        [sys.executable, "-m", "harness", *bomb.command],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        errors="backslashreplace",
        timeout=300,
        check=False,
        preexec_fn=partial(limit_child, CPU_S),
    )
    said = done.stdout + done.stderr
    assert done.returncode != ENDED_BY_THE_TEST, f"it takes more than {CPU_S} s of processor time"
    assert "bug in the harness" not in said, said
    assert "Traceback" not in said, said
    assert bomb.says in said, said[:3000]
    assert done.returncode == bomb.code, said[:3000]
    assert len(said) < 20_000


@pytest.mark.parametrize("name", FAST)
def test_bombs(name: str, tmp_path: Path) -> None:
    explode(name, tmp_path)


@pytest.mark.thorough
@pytest.mark.parametrize("name", sorted(BOMBS.keys() - set(FAST)))
def test_more_bombs(name: str, tmp_path: Path) -> None:
    explode(name, tmp_path)
