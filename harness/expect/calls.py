"""`calls`: AWS calls made by functions and state machines: their number, parameters and order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Annotated, NamedTuple

from pydantic import Field, model_validator

from harness.engine.base import Capability
from harness.expect.base import Entry, Overall
from harness.expect.bits import Bits, first_of, places_of
from harness.expect.call_index import CallIndex
from harness.expect.call_matching import CallLike, OrderedCall, named, unlike
from harness.expect.call_wording import placed
from harness.expect.functions import unknown
from harness.expect.model import Mismatch
from harness.expect.wording import counted
from harness.json_types import Json, JsonObject, as_dict
from harness.observe.model import Observation, SeenCall
from harness.scenario import fault_rules
from harness.scenario.finding import Finding, as_list, known_buckets, unseeded
from harness.scenario.matcher import Count
from harness.scenario.position import RefusedError
from harness.scenario.source import KeyPath
from harness.scenario.used_names import Name

SHOWN = 5


class ExpectedCalls(CallLike):
    """The number of matching AWS calls, or the order of calls."""

    count: Count | None = Field(default=None, description="Number of matching calls. Default: at least 1.")
    order: Annotated[tuple[OrderedCall, ...], Field(min_length=2)] | None = Field(
        default=None,
        description="Instead of `call`: calls made in this order. Other calls are allowed between them. The "
        "other keys then apply to each of them.",
    )

    @model_validator(mode="after")
    def _one_of_two(self) -> ExpectedCalls:
        if (self.call is None) == (self.order is None):
            both = "both call and order" if self.call else "neither call nor order"
            raise RefusedError(f"the entry has {both}", "specify one of them")
        if self.order is not None and self.count is not None:
            raise RefusedError("an order cannot have a count", "move the count to a separate entry with call")
        return self


def names_and_buckets(at: KeyPath, value: Json, file: JsonObject) -> Iterator[Finding]:
    """Check that expected calls exist in AWS and refer to seeded buckets."""
    known = known_buckets(file)
    for n, entry in enumerate(as_list(value)):
        places: list[tuple[KeyPath, Json]] = [((*at, n), entry)]
        places += [((*at, n, "order", m), one) for m, one in enumerate(as_list(as_dict(entry).get("order")))]
        for place, like in places:
            given = {"call": like} if isinstance(like, str) else as_dict(like)
            # State machines use their own error names, such as Lambda.TooManyRequestsException.
            yield from fault_rules.names({k: v for k, v in given.items() if k != "error"}, place)
            yield from unseeded("the call", given.get("bucket"), (*place, "bucket"), known)


def compare(wanted: tuple[ExpectedCalls, ...], observation: Observation, entry: Entry) -> Iterator[Mismatch]:
    """Yield a mismatch for each entry with too few or too many calls, or with calls in the wrong order."""
    seen = _Seen(observation.calls, CallIndex(observation.calls))
    known = set(observation.functions.values())
    for index, expected in enumerate(wanted):
        place = entry.at(index)
        functions = [like.function for like in (expected, *(expected.order or ())) if like.function]
        if strange := [name for name in functions if name not in known]:
            yield place.at("function").mismatch(unknown(observation), "", "", f"function {strange[0]}")
        elif expected.order is not None:
            yield from _ordered(expected, expected.order, seen, place)
        else:
            yield from _counted(expected, seen, place)


def names(wanted: tuple[ExpectedCalls, ...]) -> Iterator[Name]:
    """Yield the functions and states used in the entries."""
    for index, entry in enumerate(wanted):
        places: list[tuple[KeyPath, CallLike]] = [((index,), entry)]
        places += [((index, "order", n), like) for n, like in enumerate(entry.order or ())]
        for at, like in places:
            if like.function:
                yield Name("function", like.function, (*at, "function"))
            if like.state:
                yield Name("state", like.state, (*at, "state"))


class _Seen(NamedTuple):
    """The observed calls, and their index."""

    calls: Sequence[SeenCall]
    found: CallIndex


def _counted(wanted: ExpectedCalls, seen: _Seen, place: Entry) -> Iterator[Mismatch]:
    like = seen.found.like(wanted)
    found = like.bit_count()
    if (found >= 1) if wanted.count is None else (found in wanted.count):
        return
    number = "at least 1" if wanted.count is None else str(wanted.count)
    subject = named(wanted)
    too_many = wanted.count is not None and wanted.count.max is not None and found > wanted.count.max
    summary = f"expected {number}, seen {found}"
    if too_many:
        shown = _listed(places_of(like), seen, "")
    else:
        near, note = _nearest(wanted, seen, seen.found.all & ~like)
        summary += f"; {note}"
        shown = _listed([*places_of(like), *near], seen, "(no call)")
    where = place.at("count") if wanted.count is not None else place.at("call")
    yield where.mismatch(summary, f"{number}: {subject}", shown, subject)


def _ordered(
    wanted: ExpectedCalls, order: Sequence[OrderedCall], seen: _Seen, place: Entry
) -> Iterator[Mismatch]:
    """Yield at most one mismatch: the first expected call that does not follow its predecessor."""
    shared = wanted.model_fields_set - {"order"}
    position = 0
    before: list[int] = []
    for index, step in enumerate(order):
        own = {name: getattr(wanted, name) for name in shared - step.model_fields_set}
        like = step.model_copy(update=own)
        found = seen.found.like(like)
        if later := found >> position << position:
            before = [first_of(later)]
            position = before[0] + 1
            continue
        calls = [seen.calls[n] for n in before]
        summary = "expected" + "".join(f" after {call.service}:{call.operation}" for call in calls)
        if found:
            shown = [*places_of(found), *before]
            summary += f", seen only earlier: {placed(seen.calls[found.bit_length() - 1])}"
        else:
            shown, note = _nearest(like, seen, seen.found.all)
            summary += f", but none was found; {note}"
        asked = " then ".join(str(one.call) for one in order)
        listed = _listed(shown, seen, "(no call)")
        yield place.at("order", index).mismatch(summary, asked, listed, named(like))
        return


def _nearest(wanted: CallLike, seen: _Seen, others: Bits) -> tuple[list[int], str]:
    """Return the calls that differ least from the expected one, and descriptions of their differences.

    All other calls to its operation are in `others`, or match exactly.
    """
    near = list(places_of(seen.found.nearest(wanted, others)))
    if not near:
        service, _, operation = str(wanted.call).partition(":")
        if of_service := [name for name in seen.found.operations(service) if name != operation]:
            return [], f"other calls to {service}: {', '.join(of_service)}"
        return [], f"no call to {service} was made"
    first = seen.calls[near[0]]
    why = " and ".join(unlike(wanted, first))
    more = f" (and {counted(len(near) - 1, 'other')})" if len(near) > 1 else ""
    return near, f"the closest{more}, {placed(first)}: {why}"


def _listed(places: Iterable[int], seen: _Seen, nothing: str) -> str:
    """Return one line per call. Identical lines are merged and counted."""
    alike: dict[str, list[int]] = {}
    for place in places:
        alike.setdefault(seen.found.text(place), []).append(place)
    lines = [
        f"{text} ({placed(seen.calls[same[0]])}{_times(len(same))})"
        for text, same in islice(alike.items(), SHOWN)
    ]
    if len(alike) > SHOWN:
        lines.append(f"… {len(alike) - SHOWN} more")
    return "\n".join(lines) or nothing


def _times(number: int) -> str:
    return f" and {counted(number - 1, 'other time')}" if number > 1 else ""


EXPECTATION = Overall(
    key="calls",
    wanted=tuple[ExpectedCalls, ...],
    description="AWS calls that functions and state machines made. Other calls are allowed.",
    needs=frozenset({Capability.INVOCATIONS}),
    rules=(names_and_buckets,),
    names=names,
    compare=compare,
)
