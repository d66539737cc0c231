"""The steps in docs/how-to/import.md: from a recorded order to a scenario that reproduces it."""

from __future__ import annotations

import shutil
from pathlib import Path

from harness.cli import main

ORDERS = Path(__file__).parents[2] / "examples" / "orders"
OUTPUT = "scenarios/shipped-after-all.yaml"


def test_an_order_that_was_shipped_by_a_function_that_timed_out(tmp_path, monkeypatch, capsys):
    folder = tmp_path / "orders"
    shutil.copytree(ORDERS, folder)
    monkeypatch.chdir(folder)
    assert main(["import", "histories/shipped-after-all.json", "--output", OUTPUT]) == 0
    said = capsys.readouterr()
    assert said.out == f"{OUTPUT} written: 1 execution, 44 events\nrun it with: harness run {OUTPUT}\n"
    assert said.err.splitlines()[0] == (
        "not known: events 13, 16, 19, 22, 25, 28: the work that ShipOrderFunction had done before it "
        "failed; in the scenario, it does none"
    )
    text = Path(OUTPUT).read_text()
    assert "customer: aaa\n" in text
    fault = "  - {function: ShipOrderFunction, state: ShipOrder, ends: timeout}\n"
    assert fault in text
    assert main(["run", OUTPUT]) == 1
    assert "expected SUCCEEDED, seen FAILED with Sandbox.Timedout" in capsys.readouterr().out
    Path(OUTPUT).write_text(text.replace("ends: timeout}", "ends: timeout, when: after}"))
    assert main(["run", OUTPUT]) == 0
