"""Changes in the behaviour of scenarios: amounts, and the distance to AWS's limits.

Each amount that differs from the base results in one note. A limit that is newly exceeded, or nearly
exceeded, is a separate finding.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Final

from harness.gate.call_order import reordered
from harness.gate.finding import Finding, Rule
from harness.gate.measures import Measures
from harness.limits.table import BY_ID, Limit, Measure

CHANGED: Final = Rule(
    "behaviour-changed", "A measured amount in a scenario is higher or lower than on the base.", "0.1", "note"
)
NEAR: Final = Rule("behaviour-limit-near", "A scenario uses 90 % or more of an AWS limit.", "0.1", "warning")
EXCEEDED: Final = Rule("behaviour-limit-exceeded", "A scenario exceeds an AWS limit.", "0.1")

NEAR_SHARE: Final = 0.9
TOLD_SHARE: Final = 0.1
"""Changes in the use of a limit are not reported if both sides use less than this share of it."""
PAYLOAD: Final = "states-payload"
"""The payload size limit. Each change in its use is reported."""
_AMOUNTS: Final = {
    "transitions": ("state transitions", "each is billed"),
    "executions": ("executions", ""),
    "events": ("events in histories", ""),
    "retries": ("retries of tasks", ""),
}
_BY_NAME: Final = {
    "calls": "calls of {}",
    "invocations": "invocations of {}",
    "cold_starts": "cold starts of {}",
}


@dataclass(frozen=True)
class Prices:
    """The project's prices, in the user's currency. A price that is not set is None.

    The harness contains no prices, because they differ by Region and change over time.
    """

    lambda_gb_second: float | None = None
    lambda_request: float | None = None
    states_transition: float | None = None

    @classmethod
    def of(cls, given: Mapping[str, float]) -> Prices:
        """Read the prices in `[tool.harness.gate] prices`, whose keys have hyphens: `lambda-gb-second`.

        Raises:
            ValueError: a key is not a measured amount. The text lists the measured amounts.
        """
        known = {each.name.replace("_", "-"): each.name for each in fields(cls)}
        for name in given:
            if name not in known:
                raise ValueError(f"unknown price {name!r}: use one of {', '.join(known)}")
        return cls(**{known[name]: float(price) for name, price in given.items()})

    def cost(self, measures: Measures) -> float | None:
        """Return the cost of the measured amounts. None if no price is set."""
        parts = (
            (self.lambda_gb_second, sum(measures.gb_seconds.values())),
            (self.lambda_request, sum(measures.invocations.values())),
            (self.states_transition, measures.transitions),
        )
        known = [price * amount for price, amount in parts if price is not None]
        return sum(known) if known else None


NO_PRICES: Final = Prices()


def compared(
    scenario: str, before: Measures, after: Measures, prices: Prices = NO_PRICES
) -> tuple[Finding, ...]:
    """Return a finding for each changed amount, in a stable order."""
    return (*limits(scenario, before, after), *_notes(scenario, before, after, prices))


def _notes(scenario: str, before: Measures, after: Measures, prices: Prices) -> Iterator[Finding]:
    for name, (what, why) in _AMOUNTS.items():
        yield from _note(scenario, what, getattr(before, name), getattr(after, name), why=why)
    yield from _note(scenario, "seconds on the clock", before.duration_s, after.duration_s)
    for name, what in _BY_NAME.items():
        was, now = getattr(before, name), getattr(after, name)
        for key in dict.fromkeys((*sorted(was), *sorted(now))):
            yield from _note(scenario, what.format(key), was.get(key, 0), now.get(key, 0))
    for key in dict.fromkeys((*sorted(before.gb_seconds), *sorted(after.gb_seconds))):
        was_gb, now_gb = before.gb_seconds.get(key, 0.0), after.gb_seconds.get(key, 0.0)
        yield from _note(scenario, f"GB-seconds of {key}", was_gb, now_gb, why="cold starts included")
    for key in dict.fromkeys((*sorted(before.switches), *sorted(after.switches))):
        operation = key.partition(" ")[0]
        if before.calls.get(operation) == after.calls.get(operation):
            amounts = before.switches.get(key, 0), after.switches.get(key, 0)
            yield from _note(scenario, f"calls of {key}", *amounts)
    for function, what in reordered(before.writes, after.writes):
        text = f"{scenario}: {function} makes its calls in a different order: {what}"
        yield Finding(CHANGED, f"{scenario}: order of calls from {function}", text, "")
    was_cost, now_cost = prices.cost(before), prices.cost(after)
    if was_cost is not None and now_cost is not None:
        yield from _note(scenario, "cost at the prices in the settings", was_cost, now_cost)


def _note(scenario: str, what: str, before: float, after: float, *, why: str = "") -> Iterator[Finding]:
    if abs(after - before) < 1e-9:
        return
    share = f", {(after - before) / before:+.0%}" if before else ""
    change = f"{_signed(after - before)}{share}"
    text = f"{scenario}: {what}: {_number(before)} before, {_number(after)} now ({change})"
    yield Finding(CHANGED, f"{scenario}: {what}", text + (f"; {why}" if why else ""), "")


def limits(scenario: str, before: Measures, after: Measures) -> Iterator[Finding]:
    """Yield the changes in the distance to AWS's limits."""
    for id_ in (each for each in BY_ID if each in before.limits or each in after.limits):
        was, now = before.limits.get(id_), after.limits.get(id_)
        old, new = (each.share if each is not None else 0.0 for each in (was, now))
        if now is not None and now.is_too_much and not (was is not None and was.is_too_much):
            yield _finding(EXCEEDED, scenario, now, was, "AWS rejects it: use less, or split it")
        elif now is not None and NEAR_SHARE <= new <= 1 and old < NEAR_SHARE:
            yield _finding(NEAR, scenario, now, was, "use less, or split it before it grows")
        elif old != new and (id_ == PAYLOAD or max(old, new) >= TOLD_SHARE):
            what = f"largest: {BY_ID[id_].what}, in {BY_ID[id_].unit}"
            most = (now or was or _none(BY_ID[id_])).limit.most
            amounts = [0 if each is None else each.amount for each in (was, now)]
            yield from _note(
                scenario, what, *amounts, why=f"{old:.1%} and {new:.1%} of the limit of {most:,}"
            )


def _none(limit: Limit) -> Measure:
    return Measure(limit, "", 0)


def _finding(rule: Rule, scenario: str, now: Measure, was: Measure | None, remedy: str) -> Finding:
    limit = now.limit
    amount = "none" if was is None else f"{was.amount:,}"
    return Finding(
        rule,
        f"{scenario}: {limit.id}",
        f"{scenario}: {now.subject}: {limit.what} may have at most {limit.most:,} {limit.unit}; it now has "
        f"{now.amount:,} ({now.share:.0%}), previously {amount} ({limit.source})",
        remedy,
    )


def _number(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:,.6f}".rstrip("0").rstrip(".")


def _signed(value: float) -> str:
    return f"{'+' if value > 0 else '-'}{_number(abs(value))}"
