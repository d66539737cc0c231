"""`calls`: the AWS calls of functions and state machines: how many, with what, in what order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated

from pydantic import Field, model_validator

from harness.engine.base import Capability
from harness.expect.base import Entry, Name, Overall
from harness.expect.call_matching import CallLike, OrderedCall, is_call, named, unlike
from harness.expect.call_wording import called, placed
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
from harness.service_names import boto3_name

SHOWN = 5


class ExpectedCalls(CallLike):
    """A number of AWS calls that match, or the order in which calls came."""

    count: Count | None = Field(default=None, description="Number of calls that match. Default: at least 1.")
    order: Annotated[tuple[OrderedCall, ...], Field(min_length=2)] | None = Field(
        default=None,
        description="Instead of `call`: calls that came in this order; others may come between them. The "
        "other keys then apply to each of them.",
    )

    @model_validator(mode="after")
    def _one_of_two(self) -> ExpectedCalls:
        if (self.call is None) == (self.order is None):
            both = "both call and order" if self.call else "neither call nor order"
            raise RefusedError(f"the entry has {both}", "give one of them")
        if self.order is not None and self.count is not None:
            raise RefusedError("an order has no count", "give the count with call in an entry of its own")
        return self


def names_and_buckets(at: KeyPath, value: Json, file: JsonObject) -> Iterator[Finding]:
    """Check that expected calls have AWS's names and are for seeded buckets; others can never be made."""
    known = known_buckets(file)
    for n, entry in enumerate(as_list(value)):
        places: list[tuple[KeyPath, Json]] = [((*at, n), entry)]
        places += [((*at, n, "order", m), one) for m, one in enumerate(as_list(as_dict(entry).get("order")))]
        for place, like in places:
            given = {"call": like} if isinstance(like, str) else as_dict(like)
            # Errors of state machines have names of their own: Lambda.TooManyRequestsException.
            yield from fault_rules.names({k: v for k, v in given.items() if k != "error"}, place)
            yield from unseeded("the call", given.get("bucket"), (*place, "bucket"), known)


def compare(wanted: tuple[ExpectedCalls, ...], observation: Observation, entry: Entry) -> Iterator[Mismatch]:
    """A mismatch for each entry: too few or too many calls, or an order that was not kept."""
    for index, expected in enumerate(wanted):
        place = entry.at(index)
        functions = [like.function for like in (expected, *(expected.order or ())) if like.function]
        if strange := [name for name in functions if name not in observation.functions.values()]:
            yield place.at("function").mismatch(unknown(observation), "", "", f"function {strange[0]}")
        elif expected.order is not None:
            yield from _ordered(expected, expected.order, observation.calls, place)
        else:
            yield from _counted(expected, observation.calls, place)


def names(wanted: tuple[ExpectedCalls, ...]) -> Iterator[Name]:
    """The functions and states of calls."""
    for index, entry in enumerate(wanted):
        places: list[tuple[KeyPath, CallLike]] = [((index,), entry)]
        places += [((index, "order", n), like) for n, like in enumerate(entry.order or ())]
        for at, like in places:
            if like.function:
                yield Name("function", like.function, (*at, "function"))
            if like.state:
                yield Name("state", like.state, (*at, "state"))


def _counted(wanted: ExpectedCalls, seen: Sequence[SeenCall], place: Entry) -> Iterator[Mismatch]:
    like = [call for call in seen if not unlike(wanted, call)]
    if (len(like) >= 1) if wanted.count is None else (len(like) in wanted.count):
        return
    number = "at least 1" if wanted.count is None else str(wanted.count)
    subject = named(wanted)
    too_many = wanted.count is not None and wanted.count.max is not None and len(like) > wanted.count.max
    summary = f"expected {number}, seen {len(like)}"
    if too_many:
        shown = _listed(like, "")
    else:
        near, note = _nearest(wanted, [call for call in seen if unlike(wanted, call)])
        summary += f"; {note}"
        shown = _listed([*like, *near], "(no call)")
    where = place.at("count") if wanted.count is not None else place.at("call")
    yield where.mismatch(summary, f"{number}: {subject}", shown, subject)


def _ordered(
    wanted: ExpectedCalls, order: Sequence[OrderedCall], seen: Sequence[SeenCall], place: Entry
) -> Iterator[Mismatch]:
    """At most one mismatch: the first call of the order that does not follow the one before it."""
    shared = wanted.model_fields_set - {"order"}
    position = 0
    before: list[SeenCall] = []
    for index, step in enumerate(order):
        own = {name: getattr(wanted, name) for name in shared - step.model_fields_set}
        like = step.model_copy(update=own)
        found = [n for n, call in enumerate(seen) if not unlike(like, call)]
        later = [n for n in found if n >= position]
        if later:
            position = later[0] + 1
            before = [seen[later[0]]]
            continue
        summary = "expected" + "".join(f" after {call.service}:{call.operation}" for call in before)
        if found:
            summary += f", seen only before it: {placed(seen[found[-1]])}"
            shown = [*(seen[n] for n in found), *before]
        else:
            shown, note = _nearest(like, seen)
            summary += f", seen none; {note}"
        asked = " then ".join(str(one.call) for one in order)
        listed = _listed(shown, "(no call)")
        yield place.at("order", index).mismatch(summary, asked, listed, named(like))
        return


def _nearest(wanted: CallLike, others: Sequence[SeenCall]) -> tuple[list[SeenCall], str]:
    """The calls that differ least from the wanted one, and their differences in words."""
    same_call = [call for call in others if is_call(wanted, call)]
    if not same_call:
        service = str(wanted.call).partition(":")[0]
        of_service = dict.fromkeys(
            c.operation for c in others if boto3_name(c.service) == boto3_name(service)
        )
        if of_service:
            return [], f"other calls of {service}: {', '.join(of_service)}"
        return [], f"no call of {service} was made"
    least = min(len(unlike(wanted, call)) for call in same_call)
    near = [call for call in same_call if len(unlike(wanted, call)) == least]
    why = " and ".join(unlike(wanted, near[0]))
    more = f" (and {counted(len(near) - 1, 'other')})" if len(near) > 1 else ""
    return near, f"the nearest{more}, {placed(near[0])}: {why}"


def _listed(calls: Sequence[SeenCall], nothing: str) -> str:
    """A line per call, those that read alike once with their number."""
    alike: dict[str, list[SeenCall]] = {}
    for call in calls:
        alike.setdefault(called(call), []).append(call)
    lines = [f"{text} ({placed(same[0])}{_times(len(same))})" for text, same in alike.items()]
    if len(lines) > SHOWN:
        lines = [*lines[:SHOWN], f"… {len(lines) - SHOWN} more"]
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
