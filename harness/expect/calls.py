"""`calls`: the AWS calls of functions and state machines: how many, with what, in what order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from harness.expect.base import Entry
from harness.expect.call_wording import called, placed
from harness.expect.functions import unknown
from harness.expect.matcher import clauses, unmet
from harness.expect.model import Mismatch
from harness.expect.values import compact, same
from harness.expect.wording import counted, joined, quoted
from harness.functions.shared.sizes import cut
from harness.observe.model import Observation, SeenCall
from harness.scenario.calls import CallLike, ExpectedCalls, OrderedCall
from harness.service_names import boto3_name

SHOWN = 5


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


def _counted(wanted: ExpectedCalls, seen: Sequence[SeenCall], place: Entry) -> Iterator[Mismatch]:
    like = [call for call in seen if not _unmet(wanted, call)]
    if (len(like) >= 1) if wanted.count is None else (len(like) in wanted.count):
        return
    number = "at least 1" if wanted.count is None else str(wanted.count)
    subject = _named(wanted)
    too_many = wanted.count is not None and wanted.count.max is not None and len(like) > wanted.count.max
    summary = f"expected {number}, seen {len(like)}"
    if too_many:
        shown = _listed(like, "")
    else:
        near, note = _nearest(wanted, [call for call in seen if _unmet(wanted, call)])
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
        found = [n for n, call in enumerate(seen) if not _unmet(like, call)]
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
        yield place.at("order", index).mismatch(summary, asked, listed, _named(like))
        return


def _nearest(wanted: CallLike, others: Sequence[SeenCall]) -> tuple[list[SeenCall], str]:
    """The calls that are least unlike what is wanted, and how they differ, in words."""
    same_call = [call for call in others if _is_call(wanted, call)]
    if not same_call:
        service = str(wanted.call).partition(":")[0]
        of_service = dict.fromkeys(
            c.operation for c in others if boto3_name(c.service) == boto3_name(service)
        )
        if of_service:
            return [], f"other calls of {service}: {', '.join(of_service)}"
        return [], f"no call of {service} was made"
    least = min(len(_unmet(wanted, call)) for call in same_call)
    near = [call for call in same_call if len(_unmet(wanted, call)) == least]
    why = " and ".join(_unmet(wanted, near[0]))
    more = f" (and {counted(len(near) - 1, 'other')})" if len(near) > 1 else ""
    return near, f"the nearest{more}, {placed(near[0])}: {why}"


def _unmet(wanted: CallLike, seen: SeenCall) -> tuple[str, ...]:
    """What of a call is not as it is wanted, as predicates; the name of the call is one of them."""
    return tuple(_differences(wanted, seen))


def _differences(wanted: CallLike, seen: SeenCall) -> Iterator[str]:
    if wanted.call is not None and not _is_call(wanted, seen):
        yield f"is {seen.service}:{seen.operation}"
    if wanted.function not in ("", seen.function, seen.invokes):
        yield f"its function is {seen.function or seen.invokes or 'none'}"
    for name, asked, found in (
        ("state", wanted.state, seen.state),
        ("bucket", wanted.bucket, seen.bucket),
    ):
        if asked not in ("", found):
            yield f"its {name} is {found or 'none'}"
    for name, value in wanted.params.items():
        key = next((k for k in seen.params if k.lower() == name.lower()), None)
        if key is None:
            yield f"it has no {name}"
        elif not _holds(cut(value), seen.params[key]):
            yield f"its {name} is {quoted(_shown(seen.params[key]))}"
    if wanted.error is not None:
        if seen.error is None:
            yield "it did not fail"
        elif reasons := unmet(wanted.error, seen.error):
            yield f"its error {' and '.join(reasons)}"
    if wanted.succeeded is not None and wanted.succeeded != (seen.outcome == "succeeded"):
        yield f"it {seen.outcome}" if seen.outcome != "unknown" else "its end is not known"
    if wanted.attempts is not None and seen.attempts not in wanted.attempts:
        yield f"it was sent {counted(seen.attempts, 'time')}"


def _named(wanted: CallLike) -> str:
    """What an entry asks for, in one line: `s3:ListObjectsV2 (bucket photos, attempts at least 2)`."""
    asked = ", ".join(_clauses(wanted))
    return f"{wanted.call} ({asked})" if asked else str(wanted.call)


def _clauses(wanted: CallLike) -> Iterator[str]:
    """What an entry asks of a call besides its name, for the one line."""
    for name in ("function", "state", "bucket"):
        if value := getattr(wanted, name):
            yield f"{name} {value}"
    for name, value in wanted.params.items():
        yield f"{name} {quoted(_shown(value))}"
    if wanted.error is not None:
        equals = wanted.error.equals
        yield f"error {joined(clauses(wanted.error)) if equals is None else equals}"
    if wanted.succeeded is not None:
        yield "succeeded" if wanted.succeeded else "not succeeded"
    if wanted.attempts is not None:
        yield f"attempts {wanted.attempts}"


def _is_call(wanted: CallLike, seen: SeenCall) -> bool:
    service, _, operation = str(wanted.call).partition(":")
    return operation == seen.operation and boto3_name(service) == boto3_name(seen.service)


def _holds(wanted: Any, seen: Any) -> bool:
    """Whether `seen` is equal to `wanted`, or a mapping that has all of its members like this."""
    if isinstance(wanted, Mapping) and isinstance(seen, Mapping):
        return all(name in seen and _holds(value, seen[name]) for name, value in wanted.items())
    return same(wanted, seen)


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else compact(value)


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
