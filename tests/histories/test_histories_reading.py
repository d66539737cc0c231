"""Histories are read in all AWS formats, and rejected with the name of a missing field."""

from __future__ import annotations

import json
from pathlib import Path

import boto3
import pytest
from exported import MACHINE, START, described, events, execute, history, log_lines, moment

from harness.histories import HistoryError, RecordedExecution, read_histories
from harness.histories.kinds import TYPES

STATES = {
    "StartAt": "Wait",
    "States": {
        "Wait": {"Type": "Wait", "Seconds": 3, "Next": "Call"},
        "Call": {
            "Type": "Task",
            "Resource": "arn:aws:states:::sns:publish",
            "Parameters": {"a": 1},
            "End": True,
        },
    },
}
RUN = execute(STATES, input='{"order": 7}')
TYPES_OF_RUN = [event.type for event in RUN.history.events]


def read(folder: Path, **files: object) -> list[RecordedExecution | HistoryError]:
    for name, content in files.items():
        text = content if isinstance(content, str) else json.dumps(content)
        (folder / f"{name.replace('__', '.')}.json").write_text(text)
    return list(read_histories([folder]))


def one(folder: Path, content: object) -> RecordedExecution:
    (found,) = read(folder, history=content)
    assert isinstance(found, RecordedExecution), found
    return found


def refused(folder: Path, content: object) -> str:
    (found,) = read(folder, history=content)
    assert isinstance(found, HistoryError), found
    return str(found).replace(f"{folder}/", "")


def test_every_type_of_event_that_the_api_has_is_known():
    model = (
        boto3.session.Session("a", "b", region_name="us-east-1").client("stepfunctions").meta.service_model
    )
    assert frozenset(model.shape_for("HistoryEventType").enum) == TYPES


def test_what_the_cli_prints(tmp_path):
    found = one(tmp_path, history(RUN))
    assert [event.type for event in found.events] == TYPES_OF_RUN
    assert (found.input, found.status, found.started, found.express) == (
        '{"order": 7}',
        "SUCCEEDED",
        START,
        False,
    )
    assert (found.arn, found.name, found.machine_name) == ("", "", "")
    assert found.states == ("Wait", "Call")
    scheduled = found.events[4]
    assert (scheduled.type, scheduled.previous, scheduled.time) == ("TaskScheduled", 4, START + 3)
    assert scheduled.text("parameters") == '{"a":1}'


@pytest.mark.parametrize(
    "written",
    [
        lambda seconds: seconds,
        lambda seconds: round(seconds * 1000),
        lambda seconds: moment(seconds).replace("T", " "),
        lambda seconds: moment(seconds).replace("+00:00", "Z"),
    ],
    ids=["epoch", "milliseconds", "default=str", "Z"],
)
def test_moments(tmp_path, written):
    shown = [
        {**event, "timestamp": written(RUN.history.events[n].time)} for n, event in enumerate(events(RUN))
    ]
    assert [round(event.time, 3) for event in one(tmp_path, {"events": shown}).events] == [
        round(event.time, 3) for event in RUN.history.events
    ]


@pytest.mark.parametrize("order", [1, -1], ids=["in order", "reversed"])
@pytest.mark.parametrize(
    "file",
    [
        lambda events: {"events": events},
        lambda events: events,
        lambda events: [{"events": events[:4], "nextToken": "more"}, {"events": events[4:]}],
        lambda events: json.dumps({"events": events[:4]}) + "\n" + json.dumps({"events": events[4:]}),
        lambda events: "\n".join(map(json.dumps, events)),
        lambda events: {"events": events, "ResponseMetadata": {"HTTPStatusCode": 200}},
    ],
    ids=["page", "events", "pages", "concatenated", "lines", "boto3"],
)
def test_pages_in_one_file(tmp_path, file, order):
    assert one(tmp_path, file(events(RUN)[::order])) == one(tmp_path, history(RUN))


@pytest.mark.parametrize("order", [1, -1], ids=["in order", "reversed"])
def test_pages_in_several_files(tmp_path, order):
    all_events = events(RUN)[::order]
    other = history(execute(STATES, input="[]"))
    pages = {"a__1": {"events": all_events[:3]}, "a__2": {"events": all_events[3:]}}
    first, second = read(tmp_path, **pages, b=other)
    assert [event.id for event in first.events] == list(range(1, len(TYPES_OF_RUN) + 1))
    assert (first.file.name, second.input) == ("a.1.json", "[]")


def test_what_describe_execution_says(tmp_path):
    both = json.dumps(history(RUN)) + json.dumps(described(RUN))
    (beside, together) = read(tmp_path, a=history(RUN), a__describe=described(RUN), b=both)
    for found in (beside, together):
        assert (found.arn, found.name, found.machine_arn) == (RUN.arn, "run-1", MACHINE)
        assert found.machine_name == "orders"


def test_the_logs_of_express_machines(tmp_path):
    runs = [execute(STATES, name=name, express=True) for name in ("one", "two")]
    lines = [line for pair in zip(*map(log_lines, runs), strict=True) for line in pair]
    entries = [{"message": line, "timestamp": 1, "logStreamName": "s"} for line in lines]
    for content in ({"events": entries}, {"events": entries, "nextToken": "f"}, "\n".join(lines)):
        found = read(tmp_path, logs=content)
        assert [(each.name, each.machine_name, each.express) for each in found] == [
            ("one", "orders", True),
            ("two", "orders", True),
        ]
        assert [event.type for event in found[1].events] == TYPES_OF_RUN


def test_logs_of_errors_alone_are_refused(tmp_path):
    lines = log_lines(execute(STATES, express=True))
    found = refused(tmp_path, "\n".join(lines[2:]))
    assert "event 3 (WaitStateExited): events 1 to 2 are missing; export all log events" in found
    assert "Level: ALL" in refused(tmp_path, "\n".join(lines[:-1]))


def changed(number: int, **members: object) -> dict[str, object]:
    return {"events": [{**each, **(members if each["id"] == number else {})} for each in events(RUN)]}


def test_a_history_with_a_gap_is_refused(tmp_path):
    gap = [each for each in events(RUN) if each["id"] not in (4, 5)]
    assert refused(tmp_path, {"events": gap}) == (
        "history.json: event 6 (TaskStarted): events 4 to 5 are missing; export all pages: "
        "`aws stepfunctions get-execution-history` without --max-items"
    )


def test_a_history_that_is_cut_off_is_refused(tmp_path):
    found = refused(tmp_path, {"events": events(RUN)[:5]})
    assert found.startswith(
        "history.json: event 5 (TaskScheduled): it is the last event, but does not end the execution"
    )
    assert "another page" in refused(tmp_path, {"events": events(RUN)[:5], "nextToken": "x"})
    cut = json.dumps(history(RUN), indent=1)[:300]
    assert refused(tmp_path, cut).startswith("history.json:")
    assert "is incomplete" in refused(tmp_path, cut)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "history.json: it is empty"),
        ("[]", "history.json: it contains an empty list"),
        ('{"events": []}', "history.json: one of its pages has no events"),
        ("{'events': []}", "history.json:1:2: not JSON: Expecting property name"),
        ("7", "history.json: 7 is not a history"),
        ('{"Events": []}', "history.json: an object with Events is not a history"),
        ("[" * 100_000, "history.json: it is nested too deeply"),
        (
            changed(5, type="TaskPaused"),
            "history.json: event 5: unknown event type 'TaskPaused'",
        ),
        (changed(5, type="ExecutionRedriven"), "event 5 (ExecutionRedriven): the execution was redriven"),
        (changed(5, timestamp="yesterday"), 'event 5 (TaskScheduled): its time is "yesterday"'),
        (
            changed(5, previousEventId=9),
            "event 5 (TaskScheduled): it follows event 9, which is a later event",
        ),
        (changed(5, previousEventId="x"), 'event 5 (TaskScheduled): its previous event is "x"'),
        (changed(5, id=4, type="TaskScheduled"), "event 4 (TaskScheduled): it occurs twice"),
        (
            changed(5, taskScheduledEventDetails=None),
            "event 5 (TaskScheduled): it has no parameters; export it",
        ),
        (
            changed(1, executionStartedEventDetails={"input": "***"}),
            "(ExecutionStarted): its input is not JSON: '***'",
        ),
        (
            changed(
                2,
                stateEnteredEventDetails={"input": "{", "inputDetails": {"truncated": True}, "name": "Wait"},
            ),
            "event 2 (WaitStateEntered): its input is truncated",
        ),
        (changed(7, taskSucceededEventDetails={"output": "HIDDEN"}), "its output is not JSON: 'HIDDEN'"),
        (described(RUN), "history.json: it has no events, only the output of DescribeExecution"),
        (
            {"message": "START RequestId: 1"},
            'the message "START RequestId: 1" is not an event of an execution',
        ),
    ],
)
def test_a_history_that_cannot_be_read_is_refused(tmp_path, content, said):
    assert said in refused(tmp_path, content)


def test_describe_execution_of_another_execution_is_refused(tmp_path):
    other = {**described(RUN), "status": "FAILED"}
    assert "DescribeExecution says FAILED" in refused(tmp_path, json.dumps(history(RUN)) + json.dumps(other))
    other = {**described(RUN), "input": "[]"}
    assert "the input in DescribeExecution differs" in refused(
        tmp_path, json.dumps(history(RUN)) + json.dumps(other)
    )


def test_paths_that_lead_nowhere_are_refused(tmp_path):
    with pytest.raises(HistoryError, match=r"file or folder not found; correct the path"):
        read_histories([tmp_path / "gone.json"])
    with pytest.raises(HistoryError, match=r"the folder contains no \*\.json files"):
        read_histories([tmp_path])


def test_one_that_cannot_be_read_leaves_the_others(tmp_path):
    first, second = read(tmp_path, a="{", b=history(RUN))
    assert isinstance(first, HistoryError)
    assert isinstance(second, RecordedExecution)
