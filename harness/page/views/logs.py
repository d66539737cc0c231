"""Function invocations with their output."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from harness.functions.shared.model import Invocation
from harness.json_types import as_dict, json_or_text
from harness.page.layout import Shown, place
from harness.page.look import Look
from harness.page.markup import Child, Html, el
from harness.page.views.parts import folded, long_text, moment, nothing, span, value
from harness.report.printed import log_lines, log_of, of_runtime

MOST: Final = 200
_PREVIEW: Final = 160


def logs_view(look: Look, _query: Mapping[str, str]) -> Shown:
    """Show the invocations, newest first."""
    if not look.knows_all:
        return Shown("Logs", nothing(f"{look.engine.name} does not report function invocations."))
    ended = look.invocations()
    if not ended:
        return Shown("Logs", nothing("No completed invocations yet."))
    more = len(ended) - MOST
    shown = [invocation(each) for each in reversed(ended[-MOST:])]
    older = nothing(f"{more:,} older ones are not shown.") if more > 0 else None
    return Shown("Logs", el("div", None, shown, older))


def invocation(each: Invocation) -> Html:
    """Return an invocation that can be expanded: its output, event and result."""
    printed = "\n".join(text for text in log_lines(log_of(each)) if not of_runtime(text))
    error = each.error.type if each.error else ""
    took = f", {span(each.duration_s)}" if each.duration_s else ""
    heading: Child = [
        el(
            "span",
            {"class": "status failed" if error else "status succeeded"},
            "failed" if error else "ended",
        ),
        " ",
        el("strong", None, each.function),
        f" in {each.state}" if each.state else "",
        f": {error}" if error else "",
        " ",
        el("span", {"class": "quiet"}, moment(each.started_at), took),
        el("span", {"class": "line"}, _first(printed)) if printed else None,
    ]
    run = each.execution_arn
    link = el("p", None, "For ", el("a", {"href": place("execution", arn=run)}, run.rpartition(":")[2]))
    return folded(
        f"invocation-{each.request_id}",
        heading,
        link if run else None,
        _label("Printed"),
        long_text(printed, f"Log of {each.function}") if printed else nothing("Nothing."),
        _label("Event"),
        value(each.payload, f"Event of {each.function}"),
        _label("Result"),
        value(each.result, f"Result of {each.function}"),
        opened=bool(error),
    )


def _first(printed: str) -> str:
    """Return the first line of a log; for a JSON log, its level and message."""
    line = printed.partition("\n")[0]
    entry = as_dict(json_or_text(line))
    parts = (str(entry[name]) for name in ("level", "message", "errorMessage") if name in entry)
    return (" ".join(parts) or line)[:_PREVIEW]


def _label(text: str) -> Html:
    return el("p", {"class": "label"}, text)
