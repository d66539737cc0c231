"""The test of isolation mechanisms: a mechanism that fails in it does not count as available."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="namespaces are Linux's")

BROKEN = """
import sys
from harness.functions.supervisor import isolation
def enter(setting, kind):
    raise AttributeError("undefined symbol: unshare")
isolation.namespace.enter = enter
print(isolation.available(sys.argv[1]).isolation == "", isolation.available(sys.argv[1]).reason)
"""


def test_a_trial_that_breaks_down_is_a_reason(tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-c", BROKEN, str(tmp_path)],
        cwd=Path(__file__).parents[3],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    assert run.stdout == "True AttributeError: undefined symbol: unshare: Input/output error\n"
