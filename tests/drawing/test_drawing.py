"""Execution graphs, timelines and states as HTML and SVG."""

from __future__ import annotations

import json
import re

import pytest
from drawn import ORDER, PAYLOAD, TASK, many, read, retried

from harness.drawing.elements import element
from harness.drawing.graph import Graphs, machine_graph, shape_for
from harness.drawing.page import POLICY, document
from harness.drawing.time_line import scale_of, time_line
from harness.drawing.values import SHOWN, shown_json, shown_text
from harness.drawing.visited import visited
from harness.hidden import SHOWN_GIVEN, hide_given
from harness.json_types import JsonObject
from harness.testing import a_history, an_execution


def test_an_element_escapes_texts_and_attributes() -> None:
    made = element(
        "a", "<b>", None, element("i", "&"), href='"x"', class_="c", hidden=True, id=None, title="\0"
    )
    assert made == '<a href="&#34;x&#34;" class="c" hidden title="\\x00">&lt;b&gt;<i>&amp;</i></a>'
    assert element("rect", x=1.0, y=2.25) == '<rect x="1" y="2.2"/>'
    assert element("br") == "<br>"


def test_a_page_allows_its_own_style_and_nothing_else() -> None:
    page = str(document("<t>"))
    assert "<title>&lt;t&gt;</title>" in page
    assert POLICY.startswith("default-src 'none'; style-src 'sha256-")
    assert "@import" not in page
    assert "url(" not in page


def test_a_graph_has_each_state_with_its_end() -> None:
    seen = read(machine_graph(ORDER, retried()))
    assert {name for name in ORDER["States"] if name in seen.text} == {*ORDER["States"]}
    assert {"$.n > 5", "Default", "States.ALL", "2 tries"} <= set(seen.texts)
    assert (seen.classes["s"], seen.classes["retried"], seen.classes["catch"]) == (3, 2, 1)
    assert seen.classes["taken"] == 4  # to Load, Big, Done and the end node
    assert "succeeded after a retry" in seen.texts


def test_without_an_execution_no_state_is_entered() -> None:
    seen = read(machine_graph(json.dumps(ORDER)))
    assert (seen.classes["s"], seen.classes["taken"]) == (0, 0)


def test_states_lead_to_what_is_told_of_them() -> None:
    execution = retried()
    shape = shape_for(ORDER)
    seen = read(
        machine_graph(ORDER, execution, anchor="a"),
        time_line(execution, shape, anchor="a"),
        visited(execution, anchor="a"),
    )
    assert set(seen.links) >= {"a-2", "a-8", "a-10"}


def test_one_skeleton_serves_all_executions_of_a_machine() -> None:
    graphs = Graphs()
    pictures = [graphs.graph(ORDER, execution) for execution in (retried(), many(2), None)]
    seen = read(graphs.skeletons, *pictures)
    assert seen.texts.count("States.ALL") == 1


@pytest.mark.parametrize(("number", "broken"), [(1000, (3, 500, 999)), (1000, ()), (1, ())])
def test_iterations_that_are_alike_are_there_once(number: int, broken: tuple[int, ...]) -> None:
    execution = many(number, *broken)
    parts = (
        machine_graph(ORDER, execution, anchor="a"),
        time_line(execution, shape_for(ORDER), anchor="a"),
        visited(execution, anchor="a"),
    )
    seen = read(*parts)
    words = f"{number - len(broken):,} succeeded"
    noun = "iteration" if number == 1 else "iterations"
    failed = f"{len(broken)} failed, " if broken else ""
    assert f"{number:,} {noun}: {failed}{words}" in seen.texts
    assert len("".join(parts)) < 40_000
    if broken:
        assert "… and 996 more like this" in seen.texts
        assert "… and 2 more like this" in seen.texts
        assert seen.texts.index("… and 2 more like this") < seen.texts.index("… and 996 more like this")


def test_branches_of_a_made_machine_that_differ_in_a_number_are_drawn_once() -> None:
    branches: list[JsonObject] = [
        {"StartAt": f"List{n}", "States": {f"List{n}": {**TASK, "End": True}}} for n in range(1000)
    ]
    made: JsonObject = {
        "StartAt": "All",
        "States": {"All": {"Type": "Parallel", "Branches": branches, "End": True}},  # type: ignore[dict-item]
    }
    history = a_history().event("ExecutionStarted").enters("All", "Parallel").event("ParallelStateStarted")
    for n in range(1000):
        history.enters(f"List{n}", after=3).calls("sqs:sendMessage")
        if n in (7, 8, 9):
            history.fails("Denied")
        else:
            history.succeeds().exits(f"List{n}")
    execution = an_execution("FAILED", history=history)
    seen = read(machine_graph(made, execution, made=True), visited(execution, anchor="a"))
    assert "1,000 similar branches: 3 failed, 997 succeeded; including List7, List8, List9" in seen.texts
    assert "List<n>" in seen.texts
    assert len(machine_graph(made, execution)) < 3_000


def test_idle_time_is_folded_and_its_length_said() -> None:
    execution = retried()
    assert scale_of(execution).folds == [(1.0, 3601.0)]
    seen = read(time_line(execution, shape_for(ORDER)))
    assert "1 h 2 s in total; 1 idle period is folded, 1 h" in seen.texts
    assert "1 h" in seen.texts


def test_thousands_of_waits_stay_small() -> None:
    history = a_history().event("ExecutionStarted")
    for n in range(2000):
        history.enters("Load", at_s=31 * n).calls("sqs:sendMessage", at_s=31 * n).succeeds(at_s=31 * n + 1)
        history.exits("Load", at_s=31 * n + 1)
        history.enters("Wait", "Wait", at_s=31 * n + 1).exits("Wait", "Wait", at_s=31 * n + 31)
    execution = an_execution(history=history, took_s=31 * 2000)
    drawn = time_line(execution, shape_for(ORDER), anchor="a") + visited(execution, anchor="a")
    assert len(drawn) < 12_000
    assert "2,000 idle periods are folded, 16 h 40 min" in drawn
    assert "… and 1,999 more times: Load, Wait" in drawn


def test_a_running_execution_is_told_so_far() -> None:
    history = a_history(step_s=1).event("ExecutionStarted").enters("Load").calls("sqs:sendMessage")
    execution = an_execution("RUNNING", history=history)
    seen = read(machine_graph(ORDER, execution), visited(execution, anchor="a"))
    assert seen.classes["running"] >= 2
    nothing = an_execution("RUNNING", history=a_history())
    assert read(time_line(nothing, shape_for(ORDER)), visited(nothing, anchor="a")).classes["bar"] == 0


def test_a_broken_definition_is_an_empty_graph() -> None:
    assert read(machine_graph("{", retried())).classes["s"] == 0


@pytest.mark.parametrize("show", [shown_text, shown_json])
def test_a_long_value_is_cut_and_its_length_said(show) -> None:  # type: ignore[no-untyped-def]
    seen = read(show("input", "w" * 1_000_000))
    assert "1,000,000 characters, the first 4,096 are shown" in seen.texts
    assert max(map(len, seen.texts)) == SHOWN


def test_no_part_of_a_secret_is_left_where_a_text_is_cut() -> None:
    hide_given("the-secret-of-drawings")
    shown = shown_text("log", "a" * (SHOWN - 5) + "the-secret-of-drawings" + "b" * 50)
    assert "the-s" not in shown
    assert SHOWN_GIVEN[:4] in shown


def test_hostile_texts_stay_text() -> None:
    states: JsonObject = {
        PAYLOAD: {**TASK, "Resource": f"arn:aws:states:::{PAYLOAD}", "Next": "c"},
        "c": {
            "Type": "Choice",
            "Choices": [{"Variable": PAYLOAD, "StringEquals": PAYLOAD, "Next": PAYLOAD}],
            "Default": PAYLOAD,
        },
    }
    history = (
        a_history(step_s=1)
        .event("ExecutionStarted")
        .enters(PAYLOAD, input=json.dumps(PAYLOAD))
        .calls(f"sqs:{PAYLOAD}", json.dumps({"x": PAYLOAD}))
        .fails(PAYLOAD, PAYLOAD)
    )
    execution = an_execution("FAILED", history=history, error=PAYLOAD, cause=PAYLOAD)
    definition: JsonObject = {"StartAt": PAYLOAD, "States": states}
    page = "".join(
        (
            machine_graph(definition, execution, anchor="a"),
            time_line(execution, shape_for(definition), anchor="a"),
            visited(execution, anchor="a"),
        )
    )
    assert "img" not in read(machine_graph(definition, execution)).tags
    assert not re.search("[\u202e\x00\x1b]|<img|</sc|</st", page)
