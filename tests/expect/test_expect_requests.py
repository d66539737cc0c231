"""Unexpected requests to hosts, unanswered requests, and unused entries."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.expect import BUILT_IN
from harness.expect.compare import compare
from harness.functions.shared.hosts import SeenRequest
from harness.scenario.load import parse
from harness.scenario.position import ScenarioError
from harness.testing.observations import observed

HEADERS = {"content-type": "application/json", "authorization": "Bearer ***"}
FORM = {"content-type": "application/x-www-form-urlencoded"}
SEEN = (
    SeenRequest(
        "api.example.com", "POST", "/orders?dry=1", HEADERS, '{"id":1,"of":"a"}', 0, 0, 201, state="Send"
    ),
    SeenRequest("api.example.com", "POST", "/orders", FORM, "id=2&of=b", 1, 0, 201, state="Send"),
    SeenRequest("other.example.com", "GET", "/", {}, "", 2, 1, 200),
)
HOSTS = "hosts: {api.example.com: [{}], other.example.com: [{}]}"


def summaries(
    expect: str, *seen: SeenRequest, hosts: str = HOSTS, used: dict[int, int] | None = None
) -> list[str]:
    scenario = parse(f"title: t\n{hosts}\nexpect: {{{expect}}}\n", BUILT_IN)
    found = compare(scenario, observed(requests=seen or SEEN, hosts_used=used))
    return [f"{mismatch.where.line}:{mismatch.where.column} {mismatch.summary}" for mismatch in found]


@pytest.mark.parametrize(
    "fits",
    [
        "{}",
        "{other.example.com: [{method: GET, path: /}]}",
        "{api.example.com: [{path: /orders, count: 2}]}",
        "{api.example.com: [{json: {id: '2', of: b}}, {members: {id: 1}, query: {dry: '1'}, state: Send}]}",
        "{api.example.com: [{headers: {Authorization: Bearer ***}}, {body: {contains: b}}]}",
        "{api.example.com: [{}, {}, {method: GET, count: 0}]}",
    ],
)
def test_requests_that_are_as_expected(fits: str) -> None:
    assert summaries(f"requests: {fits}") == []


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (
            "{other.example.com: [{method: POST}]}",
            "other.example.com: request GET /: the method is GET, not POST",
        ),
        ("{other.example.com: [{path: /a}]}", 'other.example.com: request GET /: the path is "/", not "/a"'),
        (
            "{other.example.com: [{query: {a: b}}]}",
            "other.example.com: request GET /: the query a is missing",
        ),
        (
            "{other.example.com: [{headers: {X-A: b}}]}",
            "other.example.com: request GET /: the headers x-a is missing",
        ),
        (
            "{other.example.com: []}",
            "other.example.com: request GET /: not expected (1 request seen, 0 expected)",
        ),
        (
            "{other.example.com: [{}, {path: /b}]}",
            'other.example.com: expected request whose path is "/b", but none is left (1 request seen)',
        ),
        (
            "{api.example.com: [{count: 2}, {members: {id: '2'}, count: 0}]}",
            'api.example.com: request POST /orders: must not exist, because its members are {"id":"2"}',
        ),
    ],
)
def test_requests_that_are_not(wrong: str, said: str) -> None:
    (summary,) = summaries(f"requests: {wrong}")
    assert summary.partition(" ")[2] == said


def test_a_host_that_there_is_not_is_refused() -> None:
    with pytest.raises(
        ScenarioError, match=r"3:21: unknown host 'api.example.org': it is not in hosts, so it receives no"
    ):
        summaries("requests: {api.example.org: []}")


def test_a_request_without_an_answer_is_a_mismatch_with_the_lines_to_paste() -> None:
    lost = replace(SEEN[0], entry=None, status=0)
    assert summaries("messages: []", lost, lost) == [
        '2:9 api.example.com: no entry matches POST /orders with {"id":1,"of":"a"} (2 times); define its '
        "response:\n  hosts:\n    api.example.com:\n"
        '      - {method: POST, path: "/orders", json: {}}'
    ]


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        (
            "{method: GET}",
            "the entry of api.example.com for GET was never used: it received 2 requests, but none",
        ),
        (
            "{path: /x, nth: 3}",
            'the entry of api.example.com whose path is "/x" was never used: it received 2 requests, but '
            "this entry is for match number 3",
        ),
    ],
)
def test_an_entry_that_answers_nothing_is_a_mismatch(entry: str, why: str) -> None:
    hosts = f"hosts: {{api.example.com: [{{}}, {entry}]}}"
    (summary,) = summaries("messages: []", hosts=hosts, used={0: 2, 1: 0})
    assert summary.startswith(f"2:31 {why}")


def test_a_host_without_any_request() -> None:
    (summary,) = summaries("messages: []", SEEN[2], used={0: 0, 1: 1})
    assert summary.endswith("the entry of api.example.com was never used: the host received no requests")
