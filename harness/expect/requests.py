"""`requests`: requests received by the scenario's hosts. Always checked: each one has a response."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from pydantic import Field

from harness.engine.base import Capability
from harness.expect.alike import common_text, only, paired
from harness.expect.base import Entry, Overall
from harness.expect.contents import Content, Unmet, asked_content, unmet_content
from harness.expect.entries import Kind, exact, forbidden
from harness.expect.matcher import clauses, described, unmet
from harness.expect.model import Mismatch
from harness.expect.values import pretty_text
from harness.expect.wording import counted
from harness.functions.shared.hosts import HttpRequest, SeenRequest
from harness.json_types import Json, JsonObject, as_dict
from harness.observe.model import Observation
from harness.scenario.base import Natural
from harness.scenario.finding import Finding
from harness.scenario.hosts import HostName, HostSpec
from harness.scenario.matcher import Matcher
from harness.scenario.model import Scenario
from harness.scenario.source import KeyPath
from harness.scenario.wording import nearest


class ExpectedRequest(Content):
    """A request that a host received. Connection secrets in it appear as `***`."""

    method: str | None = Field(default=None, description="Its method.")
    path: Matcher | None = Field(default=None, description="Matches its path, without the query.")
    query: Mapping[str, Matcher] = Field(
        default={}, description="Matches its query parameters, by name. Others are allowed."
    )
    headers: Mapping[str, Matcher] = Field(
        default={}, description="Matches its headers, by name. Others are allowed."
    )
    state: str | None = Field(
        default=None, description="The state that sent it, directly or through its function."
    )
    count: Natural = Field(default=1, description="Number of requests that match.")


Wanted = Mapping[HostName, tuple[ExpectedRequest, ...]]


def compare(wanted: Wanted, observation: Observation, entry: Entry) -> Iterator[Mismatch]:
    """Yield a mismatch for each part of a request that differs, and for each missing or unexpected request.

    An entry with `count: 0` forbids requests: every matching request is a mismatch.
    """
    for host, listed in wanted.items():
        seen = [each for each in observation.requests if each.host == host]
        slots = [(number, each) for number, each in enumerate(listed) for _ in range(each.count)]
        place = entry.at(host)
        yield from exact(_KIND, slots, seen, place, host)
        for number, each in enumerate(listed):
            if each.count == 0:
                yield from forbidden(_KIND, each, seen, place.at(number), host)


def compare_hosts(scenario: Scenario, observation: Observation) -> Iterator[Mismatch]:
    """Yield a mismatch for each unused `hosts` entry, and for each request without a response."""
    number = 0
    for host, specs in scenario.hosts.items():
        seen = [each for each in observation.requests if each.host == host]
        for n, spec in enumerate(specs):
            if observation.hosts_used.get(number) == 0:
                summary = f"{_named(host, spec)} was never used: {_why(spec, seen)}"
                yield Mismatch("hosts", scenario.position("hosts", host, n), summary)
            number += 1
    lost = Counter(_without_answer(observation))
    for (host, method, path, body), times in lost.items():
        where = scenario.position("hosts", host) if host in scenario.hosts else scenario.position("hosts")
        often = "" if times == 1 else f" ({counted(times, 'time')})"
        shown = body if len(body) <= 200 else f"{body[:200]}…"
        request = f"{method} {path}" + (f" with {shown}" if shown else "")
        summary = f"{host}: no entry matches {request}{often}; define its response:\n"
        yield Mismatch("hosts", where, summary + lines_for(host, method, path))


def lines_for(host: str, method: str, path: str) -> str:
    """Return scenario lines that define a response to a request."""
    entry = f"{{method: {method}, path: {json.dumps(path)}, json: {{}}}}"
    return f"  hosts:\n    {host}:\n      - {entry}"


def _without_answer(observation: Observation) -> Iterator[tuple[str, str, str, str]]:
    for each in observation.requests:
        if each.entry is None:
            yield each.host, each.method, each.request.path, each.body


def _named(host: str, spec: HostSpec) -> str:
    path = "" if spec.path is None else " and ".join(clauses(spec.path))
    words = [spec.method, f"whose path {path}" if path else ""]
    return " ".join(["the entry of", host, *(["for"] if spec.method else []), *filter(None, words)])


def _why(spec: HostSpec, seen: Sequence[SeenRequest]) -> str:
    if not seen:
        return "the host received no requests"
    first, _ = spec.which
    likely = f"it received {counted(len(seen), 'request')}"
    if first > 1:
        return f"{likely}, but this entry is for match number {first}"
    return f"{likely}, but none of them matched, or another entry came first"


def _unmet(wanted: ExpectedRequest, seen: SeenRequest) -> tuple[Unmet, ...]:
    request = seen.request
    found: list[Unmet] = []
    if wanted.method not in (None, seen.method):
        said = f"is {seen.method}, not {wanted.method}"
        found.append(Unmet("method", (said,), str(wanted.method), seen.method))
    if wanted.path is not None and (reasons := unmet(wanted.path, request.path)):
        found.append(Unmet("path", reasons, described(wanted.path), request.path))
    found += _unmet_values("query", wanted.query, request.query)
    headers = {name.lower(): matcher for name, matcher in wanted.headers.items()}
    found += _unmet_values("headers", headers, request.headers)
    if wanted.state not in (None, seen.state):
        said = f"is {seen.state or '(none)'}, not {wanted.state}"
        found.append(Unmet("state", (said,), str(wanted.state), seen.state))
    found += unmet_content(wanted, _text_of(request))
    return tuple(found)


def _unmet_values(part: str, wanted: Mapping[str, Matcher], seen: Mapping[str, str]) -> Iterator[Unmet]:
    for name, matcher in wanted.items():
        if reasons := unmet(matcher, seen.get(name)):
            said = tuple(f"{name} {reason}" for reason in reasons)
            yield Unmet(part, said, f"{name}: {described(matcher)}", f"{name}: {seen.get(name, '(none)')}")


def _text_of(request: HttpRequest) -> str:
    """Return the body. Form fields are converted to JSON, so that patterns can match them."""
    content = request.content()
    return request.body if isinstance(content, str) else json.dumps(content, ensure_ascii=False)


def _asked(wanted: ExpectedRequest) -> str:
    parts = [] if wanted.method is None else [f"method is {wanted.method}"]
    if wanted.path is not None:
        parts.append(f"path {' and '.join(clauses(wanted.path))}")
    for part, matchers in (("query", wanted.query), ("header", wanted.headers)):
        parts += [f"{part} {name} {' and '.join(clauses(each))}" for name, each in matchers.items()]
    if wanted.state is not None:
        parts.append(f"state is {wanted.state}")
    return ", ".join([*parts, *asked_content(wanted)]) or "content is anything"


def _name(seen: SeenRequest) -> str:
    return f"{seen.method} {seen.target}"


def _text(seen: SeenRequest) -> str:
    headers = "".join(f"{name}: {value}\n" for name, value in sorted(seen.headers.items()))
    return f"{seen.method} {seen.target}\n{headers}\n{pretty_text(seen.body)}"


def _hosts_are_there(at: KeyPath, value: Json, data: JsonObject) -> Iterator[Finding]:
    """Check that expected requests go to hosts in the scenario's `hosts`."""
    known = list(as_dict(data.get("hosts")))
    for host in as_dict(value):
        if host not in known:
            message = f"unknown host {host!r}: it is not in hosts, so it receives no requests"
            yield Finding((*at, host), message, nearest(host, known, "hosts"))


_KIND = Kind[ExpectedRequest, SeenRequest]("request", _unmet, _asked, _name, _text)


def record(observations: Sequence[Observation]) -> Json:
    """Return the method, path and body of each request, by host, to the extent that they are the same."""
    found: JsonObject = {}
    for host in sorted({each.host for seen in observations for each in seen.requests}):
        made = [[each for each in seen.requests if each.host == host] for seen in observations]
        pairs = paired(made, lambda each: (each.method, each.target, each.body))
        entries = [_recorded(requests) for requests in pairs or ()]
        if entries and all(entries):
            found[host] = list(entries)
    return found or None


def _recorded(requests: Sequence[SeenRequest]) -> JsonObject:
    entry: JsonObject = {
        "method": only(each.method for each in requests),
        "path": common_text([each.target.partition("?")[0] for each in requests]),
        "body": common_text([each.body for each in requests if each.body]),
    }
    return {name: value for name, value in entry.items() if value}


EXPECTATION = Overall(
    key="requests",
    wanted=Mapping[HostName, tuple[ExpectedRequest, ...]],
    description="All requests received by each of these hosts, in any order.",
    needs=frozenset({Capability.HOSTS}),
    rules=(_hosts_are_there,),
    compare=compare,
    record=record,
)
