"""Stand-ins for hosts in a scenario file: their responses, and errors in them."""

from __future__ import annotations

from pathlib import Path

import pytest
from scenario_samples import parse

from harness.functions.shared.hosts import HostEntry, HttpRequest
from harness.scenario.hosts import host_entries
from harness.scenario.position import ScenarioError

HOST = "api.example.com"


def entries(text: str) -> list[HostEntry]:
    scenario = parse(f"title: t\nhosts:\n{text}\nexpect: {{messages: []}}", Path("a.yaml"))
    return list(host_entries(scenario.hosts))


def entry(text: str) -> HostEntry:
    (one,) = entries(f"  {HOST}: [{{{text}}}]")
    return one


@pytest.mark.parametrize(
    ("text", "which"), [("", (1, None)), ("nth: 3", (3, 3)), ("first: 2", (1, 2)), ("from: 2", (2, None))]
)
def test_an_entry_says_which_requests_it_answers(text: str, which: tuple[int, int | None]) -> None:
    assert (entry(text).first, entry(text).last) == which


def test_entries_are_numbered_over_all_hosts() -> None:
    found = entries("  B.Example.com.: [{}, {}]\n  a.example.com: [{}]")
    assert [(each.number, each.host) for each in found] == [
        (0, "b.example.com"),
        (1, "b.example.com"),
        (2, "a.example.com"),
    ]


@pytest.mark.parametrize(
    ("text", "headers", "body"),
    [
        ("json: {a: ü}", {"Content-Type": "application/json"}, '{"a": "ü"}'),
        ("json: null", {"Content-Type": "application/json"}, "null"),
        ("body: hi", {"Content-Type": "text/plain; charset=utf-8"}, "hi"),
        (
            "json: {}, headers: {content-type: application/hal+json}",
            {"content-type": "application/hal+json"},
            "{}",
        ),
        ("headers: {Set-Cookie: [a]}", {"Set-Cookie": "a"}, ""),
    ],
)
def test_an_answer_has_the_type_of_its_body(text: str, headers: dict[str, str], body: str) -> None:
    assert (dict(entry(text).headers), entry(text).body) == (headers, body)


POST = HttpRequest(HOST, "POST", "/a/b?x=1&x=2&y=", {"x-a": "v"}, '{"k": {"l": 1, "m": 2}, "n": [1]}')
FORM = HttpRequest(HOST, "POST", "/", {"content-type": "application/x-www-form-urlencoded"}, "a=1&b=x+y")


@pytest.mark.parametrize(
    ("text", "request_", "fits"),
    [
        ("", POST, True),
        ("method: POST, path: /a/b", POST, True),
        ("method: GET", POST, False),
        ("path: /a", POST, False),
        ("path: {matches: ^/a/}", POST, True),
        ("path: {contains: /b, not: {contains: c}}", POST, True),
        ("path: {not: /a/b}", POST, False),
        ('query: {x: "1,2", y: ""}', POST, True),
        ("query: {z: {not: a}}", POST, True),
        ("query: {z: a}", POST, False),
        ("sent: {X-A: v}", POST, True),
        ("sent: {X-A: w}", POST, False),
        ("when: {k: {l: 1}, n: [1]}", POST, True),
        ("when: {k: {l: 2}}", POST, False),
        ("when: {a: '1', b: x y}", FORM, True),
        ("when: {a: 1}", FORM, False),
        ("state: Charge", POST, True),
        ("state: Other", POST, False),
    ],
)
def test_an_entry_is_for_requests_that_fit(text: str, request_: HttpRequest, fits: bool) -> None:
    assert entry(text).fits(request_, "Charge") is fits


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            "  https://a.example.com: [{}]",
            "'https://a.example.com' is not a host name; write it without",
        ),
        ("  localhost: [{}]", "'localhost' is not a host name"),
        ("  10.0.0.1: [{}]", "'10.0.0.1' is not a host name"),
        (
            "  sqs.eu-west-1.amazonaws.com: [{}]",
            "sqs.eu-west-1.amazonaws.com is an AWS endpoint; use `tasks`",
        ),
        ("  A.example.com: [{}]\n  a.example.com: [{}]", "a.example.com is the same host as A.example.com"),
        (f"  {HOST}: []", f"the host {HOST} has no entries; add an entry"),
        (f"  {HOST}: [{{method: get}}]", "'get' is not an HTTP method; write it in capitals"),
        (f"  {HOST}: [{{json: 1, body: a}}]", "json and body cannot be combined"),
        (f"  {HOST}: [{{nth: 1, from: 2}}]", "nth and from cannot be combined"),
        (f"  {HOST}: [{{error: reset, status: 500}}]", "status does not apply to an error"),
        (f"  {HOST}: [{{error: tls, path: /a}}]", "path does not apply to tls, which occurs before"),
        (f"  {HOST}: [{{error: timeout, after: 1 s}}]", "after does not apply to timeout"),
        (f"  {HOST}: [{{error: dns}}]", "unknown error 'dns'; known: timeout, refused, reset, tls"),
        (f"  {HOST}: [{{status: 204, json: 1}}]", "a response with status 204 cannot have a body"),
        (f"  {HOST}: [{{status: 99}}]", "status: "),
    ],
)
def test_what_does_not_fit_is_refused(text: str, found: str) -> None:
    with pytest.raises(ScenarioError) as error:
        entries(text)
    (problem,) = error.value.problems
    assert str(problem).startswith(("a.yaml:3:", "a.yaml:4:"))
    assert found in str(problem)
