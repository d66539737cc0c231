"""What has to be the same on every engine, and what is said where it is not."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from harness.compare.differences import differences
from harness.compare.known import Known, read_known
from harness.compare.picture import Picture, collapsed
from harness.compare.run import compare
from harness.compare.show import show_details, show_table, write_json
from harness.settings import SettingsError

FLOW = ["Create", "Describe", "Choice"]
POLL = ["Wait", "Describe", "Choice"]


@pytest.mark.parametrize("polls", [1, 2, 7])
def test_how_often_one_polls_does_not_matter(polls: int) -> None:
    assert collapsed([*FLOW, *POLL * polls, "Delete"]) == collapsed([*FLOW, *POLL, "Delete"])


def test_another_way_stays_another_way() -> None:
    assert collapsed([*FLOW, "Delete"]) != collapsed([*FLOW, "Error", "Failed"])
    assert collapsed([]) == ()


def picture(rows: tuple[str, ...], verdict: str = "passed") -> Picture:
    return Picture(verdict, {"rows": rows, "path": ("A B",)})


def test_what_only_one_side_has_is_told() -> None:
    (difference,) = differences(
        "x.yaml", {"moto": picture(("a", "b", "b")), "other": picture(("b", "c"))}, []
    )
    assert (difference.part, difference.first, difference.engine) == ("rows", "moto", "other")
    assert difference.only_first == ("a", "b")
    assert difference.only_here == ("c",)


def test_an_engine_that_cannot_run_a_scenario_is_not_compared() -> None:
    assert differences("x.yaml", {"moto": picture(("a",)), "other": Picture("skipped")}, []) == ()


def test_a_verdict_that_differs_is_a_difference() -> None:
    (difference,) = differences("x.yaml", {"moto": picture(("a",)), "other": Picture("error")}, [])
    assert difference.part == "verdict"


def test_a_known_difference_has_its_reason() -> None:
    known = [Known("oth*", "x*.yaml", "rows", "it sorts otherwise")]
    seen = {"moto": picture(("a",)), "other": picture(("b",))}
    assert differences("x1.yaml", seen, known)[0].reason == "it sorts otherwise"
    assert differences("y.yaml", seen, known)[0].reason == ""


def test_the_file_of_known_differences_is_read(tmp_path: Path) -> None:
    path = tmp_path / "known.toml"
    path.write_text('[[difference]]\nengine = "e"\nscenario = "*"\npart = "rows"\nreason = "because"\n')
    assert read_known(path) == (Known("e", "*", "rows", "because"),)
    assert read_known(tmp_path / "none.toml") == ()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[[difference]]\nengine = "e"\n', "difference 1: has engine; needs engine, part, reason, scenario"),
        (
            '[[difference]]\nengine="e"\nscenario="*"\npart="row"\nreason="r"\n',
            "no part 'row'; known: verdict",
        ),
        ('[[difference]]\nengine="e"\nscenario="*"\npart="rows"\nreason=" "\n', "the reason is empty"),
        ("[[difference\n", "not TOML"),
    ],
)
def test_a_wrong_entry_is_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "known.toml"
    path.write_text(text)
    with pytest.raises(SettingsError, match=message):
        read_known(path)


def test_the_table_and_the_json_tell_the_same(tmp_path: Path) -> None:
    seen = {
        "scenarios/x.yaml": {"moto": picture(("a",)), "other": picture(("b",))},
        "scenarios/y.yaml": {"moto": picture(("a",)), "other": Picture("skipped")},
    }
    found = compare(seen, [])
    stream = io.StringIO()
    console = Console(file=stream, width=80)
    show_table(console, seen, found)
    show_details(console, found)
    assert [line.rstrip() for line in stream.getvalue().splitlines()] == [
        "scenario  moto    other",
        "x.yaml    passed  passed differs: rows",
        "y.yaml    passed  skipped",
        "",
        "x.yaml: rows: other differs from moto",
        "  only moto: a",
        "  only other: b",
    ]
    write_json(tmp_path / "o.json", seen, found)
    written = json.loads((tmp_path / "o.json").read_text())
    assert written["scenarios"]["scenarios/y.yaml"] == {"moto": "passed", "other": "skipped"}
    assert [d["part"] for d in written["differences"]] == ["rows"]
