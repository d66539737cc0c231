"""Rebuilds the buckets of a run of the S3 usage report from its histories, for `harness import`.

The input and result of ListObject<i> of a report machine describe a bucket: objects and bytes by
extension, or the error that S3 returned. A history contains no keys, so objects get new keys. Sizes are
distributed evenly. Extensions and sums do not change: they are the content of a report.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from harness.importing.recorded import Rebuilt, Recorded, RecordedState, kept

_LISTING: Final = re.compile(r"ListObject(\d+)")
_STORING: Final = re.compile(r"PutDynamoDB(\d+)")
_MESSAGE: Final = "CreateMessage"
_LONG: Final = "x" * 40
"""A string that is too long for an extension."""
_KEYS: Final = {"(none)": "file-{n}", "(folder)": "folder-{n}/", "(other)": f"file-{{n}}.{_LONG}"}
"""Keys of objects whose class is not an extension."""


def seed_of(executions: Sequence[Recorded]) -> Rebuilt:
    """Rebuild a run's buckets, the S3 errors for denied buckets, and the resulting rows."""
    listed = {number: state for each in executions for number, state in _states(each, _LISTING)}
    if not listed:
        sentence = "which buckets existed: the history of the report machine shows it; import it, too"
        return Rebuilt(seed={}, unknown=[sentence])
    names = _names(executions, listed)
    stored = {number for each in executions for number, state in _states(each, _STORING) if state.answer}
    buckets: dict[str, Any] = {}
    found = Rebuilt(
        seed={"buckets": buckets},
        faults=(faults := []),
        expect={"aggregates": (aggregates := {}), "bucket_status": (status := {})},
        unknown=(unknown := list(_about_patterns(executions))),
        # The order of names determines the number of a bucket in the machine: these names have the same
        # order.
        names={name: f"bucket-{number:04}" for number, name in enumerate(names, 1)},
        comments=(comments := {}),
    )
    numbers = {_bucket(state): number for number, state in listed.items()}
    for name in names:
        number = numbers.get(name)
        answer = _answer(listed[number]) if number is not None else {}
        objects = [each for each in _objects(answer.get("extensions", {})) if each is not None]
        buckets[name] = {"objects": objects} if objects else {}
        if number is None:
            unknown.append(f"what is in the bucket {name}: it was not listed")
            continue
        comments["buckets", name] = f"event {listed[number].event}"
        if strange := [each for each in answer.get("extensions", {}) if _key(each) is None]:
            unknown.append(
                f"objects of {name} with the extensions {', '.join(strange)}: a key cannot have them"
            )
        if "reason" in answer:
            comments[(len(faults),)] = f"event {listed[number].event}"
            faults.append(_fault(name, answer["reason"]))
            unknown.append(
                f"which request to {name} was refused; the scenario refuses the first one of its listing"
            )
        if number in stored:
            counted = answer.get("status") == "COUNTED"
            aggregates[name] = kept(_sums(answer["extensions"])) if counted else {}
            status[name] = kept(answer.get("status", "FAILED"))
    return found


def _states(execution: Recorded, form: re.Pattern[str]) -> Iterator[tuple[int, RecordedState]]:
    for state in execution.states:
        if match := form.fullmatch(state.name):
            yield int(match[1]), state


def _names(executions: Sequence[Recorded], listed: Mapping[int, RecordedState]) -> list[str]:
    """Return all buckets of a run in order: the message also covers buckets that were not listed."""
    for execution in executions:
        for state in execution.states:
            for attempt in state.attempts if state.name == _MESSAGE else ():
                if isinstance(attempt.given, dict) and isinstance(
                    names := attempt.given.get("buckets"), list
                ):
                    return [str(each) for each in names]
    return [_bucket(state) for _, state in sorted(listed.items()) if state.attempts]


def _bucket(state: RecordedState) -> str:
    given = state.attempts[0].given if state.attempts else {}
    return str(given.get("bucket", "")) if isinstance(given, dict) else ""


def _answer(state: RecordedState) -> dict[str, Any]:
    return state.answer if isinstance(state.answer, dict) else {}


def _about_patterns(executions: Sequence[Recorded]) -> Iterator[str]:
    for execution in executions:
        for state in execution.states:
            given = state.attempts[0].given if state.name == _MESSAGE and state.attempts else {}
            selected = given.get("selected", {}) if isinstance(given, dict) else {}
            if isinstance(selected, dict) and (selected.get("include") or selected.get("exclude")):
                yield (
                    "the buckets that the run's patterns left out: no history names them; "
                    "the scenario has only the buckets of the report"
                )
                return


def _key(extension: str) -> str | None:
    """Return a key that has an extension; None if a scenario cannot have such a key."""
    if "{" in extension or "}" in extension:
        return None
    return _KEYS.get(extension, f"file-{{n}}{extension}")


def _objects(extensions: Mapping[str, Sequence[int]]) -> Iterator[dict[str, Any]]:
    """Return objects with these counts and totals. The last object gets the remainder."""
    for extension, (count, total) in extensions.items():
        key = _key(extension)
        if key is None:
            continue
        each, rest = divmod(total, count)
        alike = count if not rest else count - 1
        if alike:
            yield {"key": kept(key), "count": kept(alike), "size": kept(f"{each} B")}
        if rest:
            yield {"key": kept(key.replace("{n}", "last")), "size": kept(f"{each + rest} B")}


def _sums(extensions: Mapping[str, Sequence[int]]) -> dict[str, list[Any]]:
    return {
        extension: [count, f"{total} B"]
        for extension, (count, total) in extensions.items()
        if _key(extension) is not None
    }


def _fault(bucket: str, reason: str) -> dict[str, Any]:
    error, _, message = reason.partition(": ")
    return {
        "call": kept("s3:ListObjectsV2"),
        "bucket": bucket,
        "error": kept(error),
        "message": kept(message or error),
    }
