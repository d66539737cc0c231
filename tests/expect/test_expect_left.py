"""Unexpected objects, queue messages, events and stored values."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.expect import BUILT_IN
from harness.expect.compare import compare
from harness.expect.events import unmatched
from harness.expect.model import Mismatch
from harness.hidden import without_secrets
from harness.observe.left_model import Left, QueuedMessage, SeenBucket, SeenEvent, SeenObject, SeenQueue
from harness.observe.model import Observation
from harness.scenario.load import parse
from harness.scenario.position import ScenarioError
from harness.testing.observations import observed


def seen(left: Left) -> Observation:
    return replace(observed(), left=left)


def mismatches(expect: str, left: Left) -> tuple[Mismatch, ...]:
    return compare(parse(f"title: t\nexpect: {{{expect}}}\n", BUILT_IN), seen(left))


def summaries(expect: str, left: Left) -> list[str]:
    return [mismatch.summary for mismatch in mismatches(expect, left)]


OBJECTS = Left(
    buckets={
        "B": SeenBucket(
            (
                SeenObject("a.json", 15, b'{"n":1,"t":"x"}'),
                SeenObject("a.txt", 5, b"hello"),
                SeenObject("b.bin", 2, b"\xff\xfe"),
            )
        ),
        "Many": SeenBucket((), is_cut=True),
        "Gone": None,
    }
)


@pytest.mark.parametrize(
    "fits",
    [
        "{count: 3, absent: [c, {matches: ^d}]}",
        "{contain: [{key: a.txt, body: hello, size: 5}, {key: {contains: json}, members: {n: 1}}]}",
        "{exact: [{key: b.bin}, {key: a.json, json: {t: x, n: 1.0}}, {key: {matches: txt$}}]}",
        "{contain: [{key: {contains: a.}, body: {contains: [h, o]}}]}",
    ],
)
def test_objects_that_are_as_expected(fits: str) -> None:
    assert summaries(f"objects: {{B: {fits}}}", OBJECTS) == []


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("{B: {count: 2}}", "bucket B: expected 2 objects, seen 3"),
        (
            "{B: {contain: [{key: a.jso}]}}",
            'bucket B: no object whose key is "a.jso"; the closest is "a.json"',
        ),
        (
            "{B: {contain: [{key: a.json, members: {n: 2, u: 1}}]}}",
            'bucket B: object "a.json": the JSON has n 1, not 2 and has no u',
        ),
        ("{B: {contain: [{key: a.json, json: {n: 1}}]}}", 'bucket B: object "a.json": the JSON also has t'),
        (
            "{B: {contain: [{key: a.txt, json: {n: 1}}]}}",
            'bucket B: object "a.txt": the JSON cannot be read: "hello"',
        ),
        (
            "{B: {contain: [{key: a.txt, body: {contains: z}}]}}",
            'bucket B: object "a.txt": the body does not contain "z"',
        ),
        (
            "{B: {contain: [{key: a.txt, size: 1 KiB}]}}",
            'bucket B: object "a.txt": the size is 5 B, not 1 KiB',
        ),
        (
            "{B: {contain: [{key: b.bin, body: x}]}}",
            'bucket B: object "b.bin": the body is not UTF-8 text (2 B)',
        ),
        (
            "{B: {exact: [{key: a.json}, {key: a.txt}]}}",
            'bucket B: object "b.bin": not expected (3 objects seen, 2 expected)',
        ),
        (
            "{B: {absent: [{matches: ^b}]}}",
            'bucket B: object "b.bin" must not exist, because its key matches /^b/',
        ),
        ("{Gone: {count: 0}}", "bucket Gone: the bucket does not exist at the end"),
        (
            "{Many: {count: 0}}",
            "bucket Many: it has more than 0 objects, so they are not compared; "
            "compare some of them with contain",
        ),
    ],
)
def test_objects_that_differ_are_named(wrong: str, said: str) -> None:
    assert summaries(f"objects: {wrong}", OBJECTS) == [said]


def test_the_nearest_object_is_that_of_the_key() -> None:
    left = Left(buckets={"B": SeenBucket((SeenObject("a", 1, b"x"), SeenObject("b", 1, b"y")))})
    assert summaries("objects: {B: {exact: [{key: a, body: y}, {key: b, body: y}]}}", left) == [
        'bucket B: object "a": the body is "x", not "y"'
    ]


def test_a_mismatch_of_json_has_both_sides_laid_out_for_a_diff() -> None:
    (mismatch,) = mismatches("objects: {B: {contain: [{key: a.json, members: {n: 2}}]}}", OBJECTS)
    assert (mismatch.expected, mismatch.seen) == ('{\n  "n": 2\n}', '{\n  "n": 1\n}')
    assert (mismatch.where.line, mismatch.where.column) == (2, 48)


QUEUES = Left(
    queues={
        "Q": SeenQueue((QueuedMessage('{"id":1}', "g", {"kind": "x"}), QueuedMessage("hello")), hidden=1),
        "Gone": None,
    }
)


def test_messages_of_queues() -> None:
    fits = "{count: 3, exact: [hello, {json: {id: 1}, group: g, attributes: {kind: x}}]}"
    assert summaries(f"queues: {{Q: {fits}}}", QUEUES) == []
    assert summaries("queues: {Q: {count: 1}, Gone: {count: 0}}", QUEUES) == [
        "queue Q: expected 1 messages, seen 3, 1 of them hidden",
        "queue Gone: the queue does not exist at the end",
    ]
    assert summaries("queues: {Q: {exact: [hello]}}", QUEUES) == [
        'queue Q: message "{\\"id\\":1}": not expected (2 messages seen, 1 expected); 1 more are delayed, or '
        "received and not deleted"
    ]
    assert summaries("queues: {Q: {contain: [{members: {id: 1}, attributes: {kind: y}}]}}", QUEUES) == [
        'queue Q: message "{\\"id\\":1}": the attributes kind is "x", not "y"; 1 more are delayed, '
        "or received "
        "and not deleted"
    ]


EVENTS = Left(
    events=(
        SeenEvent("Bus", "shop", "Paid", '{"id":1,"at":"noon"}', ("R",)),
        SeenEvent("default", "shop", "Lost", '{"id":2}', ()),
    )
)
BOTH = "{bus: Bus, source: shop, detail_type: Paid, members: {id: 1}}, {bus: default}"


def test_events() -> None:
    assert summaries(f"events: [{BOTH}]", EVENTS) == []
    assert summaries("events: [{count: 2}, {source: other, count: 0}]", EVENTS) == []
    assert summaries("events: [{bus: Bus, rules: [R]}, {rules: []}]", EVENTS) == []
    assert summaries("events: [{count: 3}]", EVENTS) == [
        "expected event whose content is anything, but none is left (2 events seen)"
    ]
    assert summaries("events: [{bus: Bus}]", EVENTS) == [
        "event shop, Lost: not expected (2 events seen, 1 expected)"
    ]
    assert summaries(f"events: [{BOTH}, {{detail_type: Lost, count: 0}}]", EVENTS) == [
        'event shop, Lost: must not exist, because its detail_type is "Lost"'
    ]
    assert summaries("events: [{detail_type: Paid, detail: {id: 1}, rules: []}, {bus: default}]", EVENTS) == [
        "event shop, Paid: the detail also has at",
        "event shop, Paid: the rules that match it are R, not none",
    ]


def test_events_that_no_rule_takes_are_told_once() -> None:
    twice = replace(EVENTS, events=(*(EVENTS.events or ()), *(EVENTS.events or ())))
    (note,) = unmatched(seen(twice))
    assert (note.heading, note.subject) == ("events", "shop, Lost")
    assert note.text == "no rule on bus default matches it, so it is not delivered (2 events)"
    unknown = Left(events=(SeenEvent("Bus", "a", "b", "{}"),))
    assert list(unmatched(seen(unknown))) == []
    (said,) = summaries("events: [{rules: []}]", unknown)
    assert said == "event a, b: the rules are unknown: the engine does not report which rules match an event"


STORED = Left(parameters={"/a": "x", "/j": '{"n":1}', "/no": None}, secrets={"S": "open-sesame", "No": None})


def test_parameters() -> None:
    fits = "{/a: x, /j: {members: {n: 1}}, /no: {absent: true}}"
    assert summaries(f"parameters: {fits}", STORED) == []
    wrong = "{/a: {contains: y}, /j: {json: {n: 2}}, /no: x}"
    assert summaries(f"parameters: {wrong}", STORED) == [
        'parameter /a does not contain "y"',
        "parameter /j has n 1, not 2",
        "parameter /no is missing",
    ]
    assert summaries("parameters: {/a: {absent: true}}", STORED) == ["parameter /a exists, but must not"]


def test_secrets_are_compared_and_never_shown() -> None:
    assert summaries("secrets: {S: open-sesame, No: {absent: true}}", STORED) == []
    (mismatch,) = mismatches("secrets: {S: shut-sesame}", STORED)
    assert mismatch.summary == "secret S differs from the expected text"
    assert (mismatch.expected, mismatch.seen) == ("", "")
    assert without_secrets("secrets: {S: shut-sesame}") == "secrets: {S: (secret)}"


def test_absent_stands_alone() -> None:
    with pytest.raises(
        ScenarioError, match="absent cannot be combined with other keys; remove the other keys"
    ):
        summaries("parameters: {/a: {absent: true, equals: x}}", STORED)
