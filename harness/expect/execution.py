"""`execution`: how each run's execution ended."""

from __future__ import annotations

from collections.abc import Iterator

from harness.expect.base import Entry
from harness.expect.matcher import described, unmet, unmet_json
from harness.expect.model import Mismatch
from harness.expect.values import message_of, pretty_text
from harness.expect.wording import quoted
from harness.observe.model import Execution as Seen
from harness.observe.model import Observation, Run
from harness.scenario.expect import Execution


def compare(wanted: Execution, run: Run, _observation: Observation, entry: Entry) -> Iterator[Mismatch]:
    """Status, error, cause and output, each on its own."""
    seen = run.execution
    if wanted.status is not None and seen.status != wanted.status:
        yield entry.at("status").mismatch(
            f"expected {wanted.status}, seen {seen.status}{_why(seen)}", wanted.status, _ending(seen)
        )
    for name, matcher, text in (("error", wanted.error, seen.error), ("cause", wanted.cause, seen.cause)):
        if matcher is not None and (reasons := unmet(matcher, text)):
            what = " and ".join(reasons)
            yield entry.at(name).mismatch(what, described(matcher), text or "", f"the {name}", " ")
    if wanted.output is not None and (reasons := unmet_json(wanted.output, seen.output)):
        what = " and ".join(reasons)
        shown = pretty_text(seen.output) if seen.output is not None else _ending(seen)
        yield entry.at("output").mismatch(what, described(wanted.output), shown, "the output", " ")


def _why(seen: Seen) -> str:
    """The error and the beginning of its cause, for the one line."""
    if not seen.error and not seen.cause:
        return ""
    cause = message_of(seen.cause or "").strip().partition("\n")[0]
    return f" with {seen.error or 'an error without a name'}" + (f": {quoted(cause)}" if cause else "")


def _ending(seen: Seen) -> str:
    lines = [seen.status]
    if seen.error:
        lines.append(f"error: {seen.error}")
    if seen.cause:
        lines.append(f"cause: {pretty_text(seen.cause)}")
    return "\n".join(lines)
