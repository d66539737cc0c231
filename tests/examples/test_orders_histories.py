"""The orders example contains two recorded executions, as documented."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from harness.cli import main

pytestmark = pytest.mark.usefixtures("kept_engines")

ORDERS = Path(__file__).parents[2] / "examples" / "orders"


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    copied = tmp_path / "orders"
    shutil.copytree(ORDERS, copied)
    monkeypatch.chdir(copied)
    return copied


def change(folder: Path, old: str, new: str) -> None:
    file = folder / "order.asl.json"
    assert old in file.read_text()
    file.write_text(file.read_text().replace(old, new))


def test_they_are_the_same_with_the_definition_that_is_there(folder, capsys):
    assert main(["replay"]) == 0
    assert capsys.readouterr().out == (
        "same       histories/shipped-after-all.json: 44 events\n"
        "same       histories/shipped.json: 22 events\n"
        "2 histories: 2 the same\n"
    )


def test_a_choice_that_was_broken_is_shown_at_its_line(folder, capsys):
    change(folder, '"StringEquals": "SHIPPED"', '"StringEquals": "shipped"')
    assert main(["replay"]) == 1
    assert capsys.readouterr().out.splitlines()[:5] == [
        "different  histories/shipped-after-all.json: event 39, state 'TellShipped'",
        "           order.asl.json:75:5, state 'ShippedAfterAll'",
        "             expected  TaskStateEntered 'TellShipped'",
        "             seen      TaskStateEntered 'TellNotShipped'",
        "             the definition runs the task 'TellNotShipped', which the recorded execution never ran",
    ]


def test_a_state_that_was_renamed_is_accepted_by_name(folder, capsys):
    change(folder, "TellShipped", "TellCustomer")
    assert main(["replay"]) == 1
    file = folder / "pyproject.toml"
    accepted = '{state = "TellShipped", renamed = "TellCustomer", reason = "support reads the console"}'
    file.write_text(f"{file.read_text()}\n[tool.harness.replay]\naccepted = [{accepted}]\n")
    assert main(["replay"]) == 0
    assert "2 the same" in capsys.readouterr().out
