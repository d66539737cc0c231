"""The inbox waits for published messages, and returns the existing ones if they do not arrive."""

from __future__ import annotations

import json
import re
from collections import deque
from types import SimpleNamespace
from typing import Any

import pytest

from harness.observe import inbox as module
from harness.observe.inbox import Inbox, queue_name
from harness.observe.model import Execution, Message
from harness.observe.tables import table_keys, tables, tables_of
from harness.stack.model import Resource, Stack
from harness.testing import a_history, an_execution


class Queue:
    """An SQS client whose messages arrive one receive call after another. None is an empty receive."""

    def __init__(self, *receipts: list[dict[str, Any]] | None):
        self.receipts = deque(receipts)
        self.deleted: list[str] = []

    def receive_message(self, **_: Any) -> dict[str, Any]:
        batch = self.receipts.popleft() if self.receipts else None
        if not batch:
            return {}
        return {"Messages": [{"Body": json.dumps(m), "ReceiptHandle": m["MessageId"]} for m in batch]}

    def delete_message_batch(self, *, QueueUrl: str, Entries: list[dict[str, str]]) -> None:  # noqa: N803
        assert QueueUrl == "url"
        assert len({e["Id"] for e in Entries}) == len(Entries)
        self.deleted += [e["ReceiptHandle"] for e in Entries]


def notification(message_id: str, body: str, **fields: str) -> dict[str, str]:
    return {"MessageId": message_id, "Message": body, **fields}


def publishing(*ids: str) -> Execution:
    history = a_history()
    for i in ids:
        history.calls("sns:publish").succeeds(json.dumps({"MessageId": i}))
    return an_execution(history=history)


def make(queue: Queue) -> Inbox:
    clients: Any = SimpleNamespace(sqs=queue)
    return Inbox(clients, {"News": "url"})


def test_waits_for_a_message_that_an_execution_has_published() -> None:
    queue = Queue(None, None, [notification("m-1", "hello", Subject="S")])
    assert make(queue).messages([publishing("m-1")]) == (Message("News", "S", "hello"),)
    assert queue.deleted == ["m-1"]


def test_one_that_is_delivered_twice_is_one_message() -> None:
    twice = notification("m-1", "hello")
    assert len(make(Queue([twice], [twice])).messages(())) == 1


def test_two_with_the_same_text_are_two() -> None:
    assert len(make(Queue([notification("m-1", "x"), notification("m-2", "x")])).messages(())) == 2


def test_what_never_arrives_is_not_waited_for_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ARRIVAL_TIMEOUT_S", 0.02)
    inbox = make(Queue([notification("m-1", "hello")]))
    assert inbox.messages([publishing("m-1", "lost")]) == (Message("News", None, "hello"),)


def test_items_are_plain_values_sorted_by_key() -> None:
    item = {
        "pk": {"S": "b"},
        "n": {"N": "3"},
        "half": {"N": "0.5"},
        "deep": {"L": [{"M": {"n": {"N": "7"}}}]},
    }
    pages = [{"Items": [item]}, {"Items": [{"pk": {"S": "a"}, "n": {"N": "1"}}]}]
    schema = [
        {"AttributeName": "n", "KeyType": "RANGE"},
        {"AttributeName": "pk", "KeyType": "HASH"},
    ]
    dynamodb = SimpleNamespace(
        describe_table=lambda TableName: {"Table": {"KeySchema": schema}},  # noqa: N803
        get_paginator=lambda _: SimpleNamespace(paginate=lambda **_: pages),
    )
    clients: Any = SimpleNamespace(dynamodb=dynamodb)
    stack = Stack("s", {}, {"Rows": Resource("AWS::DynamoDB::Table", "s-Rows")})
    names = tables_of(stack)
    keys = table_keys(clients, names.values())
    assert keys == {"s-Rows": ("pk", "n")}
    (first, second) = tables(clients, names, keys)["Rows"]
    assert first == {"pk": "a", "n": 1}
    assert second == {"pk": "b", "n": 3, "half": second["half"], "deep": [{"n": 7}]}
    assert type(second["n"]) is int
    assert float(second["half"]) == 0.5


def test_many_messages_are_received_in_one_pass() -> None:
    ids = [f"m-{n:02}" for n in range(25)]
    batches = [[notification(i, i) for i in ids[begin : begin + 10]] for begin in range(0, 25, 10)]
    queue = Queue(*batches, None, [notification("m-99", "later")])
    assert [message.body for message in make(queue).messages([publishing(*ids)])] == ids
    assert queue.deleted == ids
    assert len(queue.receipts) == 1  # an empty receive ended it


def test_a_queue_has_a_name_that_sqs_takes_however_long_the_stacks_is() -> None:
    assert queue_name("usage", "Topic") == "usage-inbox-Topic"
    names = {queue_name(stack * 128, topic) for stack in "ab" for topic in ("Topic", "Other")}
    assert len(names) == 4
    assert all(re.fullmatch("[a-z0-9-]{1,80}", name) for name in names)
