"""Validate `hosts`: each entry has one response and can match a request."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from harness.functions.shared.hosts import OF_CONNECTIONS, plain_name
from harness.json_types import as_dict
from harness.scenario.finding import Finding, as_list
from harness.scenario.hosts import ANSWERS
from harness.scenario.source import KeyPath
from harness.scenario.tasks import CHOICES

_OF_REQUESTS: Final = ("method", "path", "query", "sent", "when")
_OF_ANSWERS: Final = ("status", "headers")


def findings(data: dict[str, Any]) -> Iterator[Finding]:
    """Find invalid entries."""
    known: dict[str, str] = {}
    for host, entries in as_dict(data.get("hosts")).items():
        if (before := known.setdefault(plain_name(str(host)), host)) != host:
            message = f"{host} is the same host as {before}"
            yield Finding(("hosts", host), message, "put all entries under one of these names")
        if entries == []:
            message = f"the host {host} has no entries"
            yield Finding(("hosts", host), message, "add an entry, for example {status: 200}, or remove it")
        for n, entry in enumerate(as_list(entries)):
            if isinstance(entry, dict):
                yield from _of_entry(entry, ("hosts", host, n))


def _of_entry(entry: dict[str, Any], at: KeyPath) -> Iterator[Finding]:
    given = [key for key in ANSWERS if key in entry]
    for key in given[1:]:
        yield Finding((*at, key), f"{given[0]} and {key} cannot be combined", "keep one of them")
    choices = [choice for choice in CHOICES if choice in entry]
    for choice in choices[1:]:
        message = f"{choices[0]} and {choice} cannot be combined"
        yield Finding((*at, choice), message, "keep one of them")
    error = entry.get("error")
    if error is not None:
        for key in [key for key in _OF_ANSWERS if key in entry]:
            yield Finding((*at, key), f"{key} does not apply to an error", "remove it, or the error")
    if error in OF_CONNECTIONS:
        for key in [key for key in _OF_REQUESTS if key in entry]:
            message = f"{key} does not apply to {error}, which occurs before a request is sent"
            yield Finding((*at, key), message, "remove it, or use reset, which occurs after the request")
    if error == "timeout" and "after" in entry:
        yield Finding(
            (*at, "after"), "after does not apply to timeout", "a timeout has no response: remove it"
        )
    bodiless = entry.get("status") in (204, 304)
    for key in [key for key in ("json", "body") if bodiless and key in entry]:
        message = f"a response with status {entry['status']} cannot have a body"
        yield Finding((*at, key), message, "remove it, or write 200")
