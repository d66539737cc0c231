"""Checks of the entries of `hosts`: one answer, that some request may get."""

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
    """Find what does not fit in any of the entries."""
    known: dict[str, str] = {}
    for host, entries in as_dict(data.get("hosts")).items():
        if (before := known.setdefault(plain_name(str(host)), host)) != host:
            message = f"{host} is the same host as {before}"
            yield Finding(("hosts", host), message, "put all entries under one of them")
        if entries == []:
            message = f"the host {host} answers nothing"
            yield Finding(("hosts", host), message, "give it an entry, such as {status: 200}, or remove it")
        for n, entry in enumerate(as_list(entries)):
            if isinstance(entry, dict):
                yield from _of_entry(entry, ("hosts", host, n))


def _of_entry(entry: dict[str, Any], at: KeyPath) -> Iterator[Finding]:
    given = [key for key in ANSWERS if key in entry]
    for key in given[1:]:
        yield Finding((*at, key), f"both {given[0]} and {key} are the answer", "give one of them")
    choices = [choice for choice in CHOICES if choice in entry]
    for choice in choices[1:]:
        message = f"both {choices[0]} and {choice} say which ones it answers"
        yield Finding((*at, choice), message, "give one of them")
    error = entry.get("error")
    if error is not None:
        for key in [key for key in _OF_ANSWERS if key in entry]:
            yield Finding((*at, key), f"{key} says nothing about an error", "remove it, or the error")
    if error in OF_CONNECTIONS:
        for key in [key for key in _OF_REQUESTS if key in entry]:
            message = f"{key} says nothing about {error}, which happens before there is a request"
            yield Finding((*at, key), message, "remove it, or write reset, which ends a request")
    if error == "timeout" and "after" in entry:
        yield Finding((*at, "after"), "after says nothing about timeout", "an answer never comes: remove it")
    bodiless = entry.get("status") in (204, 304)
    for key in [key for key in ("json", "body") if bodiless and key in entry]:
        message = f"an answer with the status {entry['status']} has no body"
        yield Finding((*at, key), message, "remove it, or write 200")
