"""The executions, newest first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from harness.engine.seen import StartedExecution
from harness.page.layout import Shown, place
from harness.page.look import Look
from harness.page.markup import Child, el
from harness.page.views.parts import moment, nothing, number, span, status, table

MOST: Final = 500


def executions_view(look: Look, _query: Mapping[str, str]) -> Shown:
    """Show all executions except those for items of distributed Maps, which are shown with their
    Map's execution.
    """
    known = look.executions()
    listed = [each for each in known if not each.item]
    if not listed:
        start = el("a", {"href": "start"}, "Start one")
        return Shown("Executions", el("p", {"class": "nothing"}, "None yet. ", start, "."))
    rows = [_row(each) for each in reversed(listed[-MOST:])]
    heads = ("Status", "Execution", "-State machine", "-Started", "Duration", "-Events")
    more = len(listed) - len(rows)
    return Shown(
        "Executions",
        el(
            "div",
            None,
            table("Executions, newest first", heads, rows),
            nothing(f"{more:,} older ones are not shown.") if more else None,
        ),
    )


def _row(each: StartedExecution) -> tuple[Child, ...]:
    machine = each.machine_arn.rpartition(":")[2]
    link = el("a", {"href": place("execution", arn=each.arn)}, each.name)
    by = each.started_by.rpartition(":")[2]
    return (
        status(each.status),
        [link, el("span", {"class": "under"}, machine, f", started by {by}" if by else "")],
        machine,
        moment(each.started_at),
        number(span(each.ended_at - each.started_at)) if each.ended_at is not None else "",
        number(f"{each.events:,}") if each.events else "",
    )
