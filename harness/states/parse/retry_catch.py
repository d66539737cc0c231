"""Parsers for Retry and Catch."""

from __future__ import annotations

from ..asl import Catcher, Retrier
from ..errors import ALL
from .allowed_fields import CATCHER, RETRIER
from .source import Source

_MAX_DELAY_S = 31_622_400  # https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html


def read_retriers(source: Source) -> tuple[Retrier, ...]:
    """Read a state's Retry."""
    entries = source.entries("Retry")
    for entry in entries:
        entry.allow(RETRIER)
    return tuple(_retrier(entry, last=entry is entries[-1]) for entry in entries)


def _retrier(entry: Source, *, last: bool) -> Retrier:
    interval = entry.whole_number("IntervalSeconds", minimum=0)
    attempts = entry.whole_number("MaxAttempts", minimum=0)
    rate = entry.number("BackoffRate", minimum=1, fractions=True)
    jitter = entry.one_of("JitterStrategy", "NONE", "FULL")
    longest = entry.whole_number("MaxDelaySeconds", minimum=1, maximum=_MAX_DELAY_S)
    if longest is not None and longest <= (1 if interval is None else interval):
        entry.refuse("'MaxDelaySeconds' must be greater than 'IntervalSeconds'", "MaxDelaySeconds")
    return Retrier(
        _error_equals(entry, last=last),
        1 if interval is None else interval,
        3 if attempts is None else attempts,
        2.0 if rate is None else float(rate),
        longest,
        full_jitter=jitter == "FULL",
    )


def read_catchers(source: Source) -> tuple[Catcher, ...]:
    """Read a state's Catch."""
    entries = source.entries("Catch")
    for entry in entries:
        entry.allow(CATCHER)
        entry.refuse_foreign()
    return tuple(
        Catcher(
            _error_equals(entry, last=entry is entries[-1]),
            read_next(entry),
            entry.reference_path("ResultPath"),
            entry.assignment(),
            entry.template("Output") if entry.jsonata else None,
        )
        for entry in entries
    )


def _error_equals(entry: Source, *, last: bool) -> tuple[str, ...]:
    given = entry.get("ErrorEquals")
    if not entry.require("ErrorEquals") or not entry.fits("ErrorEquals", "ARRAY"):
        return ()
    if given == [] or not isinstance(given, list):
        entry.refuse("Value cannot be empty", "ErrorEquals")
        return ()
    for at, name in enumerate(given):
        if entry.fits("ErrorEquals", "STRING", at) and name == ALL and (len(given) > 1 or not last):
            entry.refuse(f"{ALL} must appear alone and at end of list", f"ErrorEquals[{at}]")
    return tuple(name for name in given if isinstance(name, str))


def read_next(entry: Source) -> str:
    """Read the required Next of a Catch or Choices entry. Return an empty string if it is missing."""
    return (entry.text("Next") or "") if entry.require("Next") else ""
