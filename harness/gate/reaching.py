"""Changes in the sizes at which AWS limits are reached."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from harness.gate.finding import Finding, Rule
from harness.gate.growth import Key, Line

SOONER: Final = Rule(
    "behaviour-limit-sooner",
    "An AWS limit is reached with fewer branches or items than on the base.",
    "0.1",
    "warning",
)
LATER: Final = Rule(
    "behaviour-limit-moved",
    "A different number of branches or items than on the base reaches an AWS limit.",
    "0.1",
    "note",
)


def reached(before: Mapping[Key, Line], after: Mapping[Key, Line], margin: float) -> Iterator[Finding]:
    """Yield a finding for each limit that is reached at a different number than before.

    It is a warning if the number has fallen by more than the share `margin`.
    """
    for key, now in after.items():
        was = before.get(key)
        if was is None or was.reached == now.reached:
            continue
        sooner = now.reached < was.reached * (1 - margin)
        yield _finding(SOONER if sooner else LATER, key, was, now)


def _finding(rule: Rule, key: Key, was: Line, now: Line) -> Finding:
    first, state, kind, _ = key
    limit = now.limit
    about = "" if was.exact and now.exact else "about "
    amounts = " and ".join(f"{amount:,} with {size:,}" for size, amount in (now.small, now.large))
    line = "all sizes between them are on the line" if now.exact else "on the straight line through them"
    message = (
        f"{limit.what} reaches its limit of {limit.most:,} {limit.unit} with {about}{now.reached:,} {kind} "
        f"of {state}, previously with {about}{was.reached:,}"
    )
    remedy = f"use less for each of the {kind}, or split them between executions before their number grows"
    return Finding(
        rule,
        f"{first}.{state}: {limit.id}",
        message,
        remedy if rule is SOONER else "",
        details=(f"{limit.unit}: {amounts}; {line} ({limit.source})",),
    )
