"""Several accounts with one function runtime: each sees its own invocations and has its own faults."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from harness.functions.control import Control
from harness.functions.ledger import Ledger

ONE, OTHER = "111111111111", "222222222222"
SOURCE = """
    import boto3
    from botocore.config import Config

    def handler(event, context):
        boto3.client("s3", config=Config(retries={"total_max_attempts": 1})).list_buckets()
"""
FAULT = {
    "kind": "error",
    "target": "call",
    "service": "s3",
    "operation": "ListBuckets",
    "arguments": {"code": "AccessDenied"},
    "id": 4,
}


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    ledger = Ledger()
    yield ledger
    ledger.close()


@pytest.fixture
def control(ledger: Ledger) -> Control:
    return Control(ledger, {"emulator": "none"}, lambda *_: None)


def ask(control: Control, method: str, name: str, account: str = "", body: Any = None) -> Any:
    return json.loads(control.answer(method, name, {"account": account}, json.dumps(body).encode()))


def test_accounts_do_not_meet(ledger: Ledger, control: Control, make_function: Any) -> None:
    one = make_function(SOURCE, account_id=ONE)
    other = make_function(SOURCE, account_id=OTHER)
    ask(control, "POST", "faults", ONE, [FAULT])
    ask(control, "POST", "faults", OTHER, [{**FAULT, "arguments": {"code": "SlowDown"}}])
    ledger.invoke(one, b"{}")
    ledger.invoke(other, b"{}")
    assert ask(control, "GET", "fired", ONE) == ask(control, "GET", "fired", OTHER) == {"4": 1}
    (first,), (second,) = (ask(control, "GET", "invocations", account) for account in (ONE, OTHER))
    assert [i["calls"][0]["error"] for i in (first, second)] == ["AccessDenied", "SlowDown"]
    ask(control, "POST", "forget", ONE)
    assert ask(control, "GET", "invocations", ONE) == []
    assert ask(control, "GET", "invocations", OTHER) == [second]
    assert (ask(control, "GET", "fired", ONE), ask(control, "GET", "fired", OTHER)) == ({}, {"4": 1})
    again = [ledger.invoke(config, b"{}") for config in (one, other)]
    assert again[0].environment_id != first["environment_id"]
    assert again[1].environment_id == second["environment_id"]
    assert [i.calls[0].injected for i in again] == [False, True]


def test_what_it_cannot_be_asked(control: Control) -> None:
    assert ask(control, "GET", "about") == {"emulator": "none"}
    with pytest.raises(KeyError):
        control.answer("GET", "faults", {}, b"")
