"""Several accounts in one function runtime: each sees only its own invocations and faults."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from harness.functions.host.accounts import AccountRuntime
from harness.functions.host.control_server import ControlServer, account_routes

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
    "arguments": {"error": "AccessDenied"},
    "id": 4,
}


@pytest.fixture
def accounts() -> Iterator[AccountRuntime]:
    accounts = AccountRuntime()
    yield accounts
    accounts.close()


@pytest.fixture
def control(accounts: AccountRuntime) -> ControlServer:
    return ControlServer(account_routes(accounts, {"emulator": "none"}, lambda *_: None))


def ask(control: ControlServer, method: str, name: str, account: str = "", body: Any = None) -> Any:
    reply = control.reply(method, f"/_harness/{name}", {"account": account}, json.dumps(body).encode())
    assert (reply.status, reply.content_type) == (200, "application/json")
    return json.loads(reply.text)


def test_accounts_do_not_meet(accounts: AccountRuntime, control: ControlServer, make_function: Any) -> None:
    one = make_function(SOURCE, account_id=ONE)
    other = make_function(SOURCE, account_id=OTHER)
    ask(control, "POST", "faults", ONE, [FAULT])
    ask(control, "POST", "faults", OTHER, [{**FAULT, "arguments": {"error": "SlowDown"}}])
    accounts.invoke(one, b"{}")
    accounts.invoke(other, b"{}")
    assert ask(control, "GET", "fired", ONE) == ask(control, "GET", "fired", OTHER) == {"4": 1}
    (first,), (second,) = (ask(control, "GET", "invocations", account) for account in (ONE, OTHER))
    assert [i["calls"][0]["error"] for i in (first, second)] == ["AccessDenied", "SlowDown"]
    ask(control, "POST", "forget", ONE)
    assert ask(control, "GET", "invocations", ONE) == []
    assert ask(control, "GET", "invocations", OTHER) == [second]
    assert (ask(control, "GET", "fired", ONE), ask(control, "GET", "fired", OTHER)) == ({}, {"4": 1})
    again = [accounts.invoke(config, b"{}") for config in (one, other)]
    assert again[0].environment_id != first["environment_id"]
    assert again[1].environment_id == second["environment_id"]
    assert [i.calls[0].injected for i in again] == [False, True]


@pytest.mark.parametrize(("method", "name"), [("GET", "faults"), ("GET", "_routes"), ("PUT", "forget")])
def test_an_unknown_request_lists_the_known_ones(control: ControlServer, method: str, name: str) -> None:
    assert ask(control, "GET", "about") == {"emulator": "none"}
    reply = control.reply(method, f"/_harness/{name}", {}, b"")
    assert (reply.status, reply.content_type) == (404, "text/plain")
    assert reply.text == (
        f"unknown request {method} /_harness/{name}; known: GET /_harness/about, GET /_harness/fired, "
        "GET /_harness/invocations, POST /_harness/faults, POST /_harness/forget, "
        "POST /_harness/network, POST /_harness/objects"
    )
