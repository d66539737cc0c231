"""Shows the states of an execution in order: input, output, attempts, errors, logs, and events."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from markupsafe import Markup

from harness.drawing.elements import element, joined
from harness.drawing.ends import MARKS, WORDS
from harness.drawing.folding import Kept, Way, folded
from harness.drawing.values import BRIEF, SHOWN, shown_json, shown_text
from harness.expect.wording import time
from harness.functions.shared.model import Invocation
from harness.observe.model import Execution, HistoryEvent
from harness.observe.tasks import Task
from harness.report.happened import frames
from harness.report.printed import function_lines

_JSON = ("input", "output", "parameters", "cause")


@dataclass(frozen=True)
class Invoked:
    """The invocation of each task, and the logical IDs of functions by their deployed names."""

    of_tasks: Mapping[Task, Invocation] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)


NOTHING_INVOKED = Invoked()


def visited(
    execution: Execution, *, anchor: str, invoked: Invoked = NOTHING_INVOKED, brief: bool = False
) -> Markup:
    """Show the states that an execution entered, folded and without repetitions. Failed states are expanded.

    Each has the ID `<anchor>-<number of the event with which it was entered>`. `brief` omits events and logs,
    and truncates values earlier.
    """
    return _Visited(execution, anchor, invoked, brief).way(folded(execution).way)


@dataclass(frozen=True)
class _Visited:
    execution: Execution
    anchor: str
    invoked: Invoked
    brief: bool

    def way(self, way: Way) -> Markup:
        items = (
            element("li", step, class_="more") if isinstance(step, str) else element("li", self._visit(step))
            for step in way.steps
        )
        return element("ol", joined(*items), class_="visits")

    def _visit(self, kept: Kept) -> Markup:
        visit = kept.visit
        began = f"+{time(self._since_s(visit.entered))}"
        over = visit.exited
        took = (over.timestamp - visit.entered.timestamp).total_seconds() if over else 0
        tries = f"{len(visit.tasks)} tries" if len(visit.tasks) > 1 else ""
        quiet = " · ".join(filter(None, (visit.kind, began, f"took {time(took)}" if took else "", tries)))
        head = element(
            "summary",
            element("b", MARKS[kept.end], class_=f"mark {kept.end}", title=WORDS[kept.end]),
            " ",
            element("span", visit.name, class_="name"),
            " ",
            element("span", f"{WORDS[kept.end]} · {quiet}", class_="quiet"),
        )
        body = element(
            "div",
            *self._failure(kept),
            shown_json("input", visit.entered.text("input") or None, most=self._most),
            *(self._task(task) for task in self._tasks(kept)),
            shown_json("output", over.text("output") or None, most=self._most) if over else None,
            self._events(kept),
            *self._branches(kept),
            id=f"{self.anchor}-{visit.entered.id}",
        )
        return element("details", head, body, class_="visit", open=kept.end == "failed" and not self.brief)

    @property
    def _most(self) -> int:
        return BRIEF if self.brief else SHOWN

    def _since_s(self, event: HistoryEvent) -> float:
        return (event.timestamp - self.execution.started_at).total_seconds()

    def _failure(self, kept: Kept) -> Iterator[Markup]:
        last = kept.visit.last
        if kept.end in ("failed", "caught") and not kept.visit.tasks:
            error, cause = last.text("error"), last.text("cause")
            if kept.visit.kind == "Fail":  # the event of a Fail state has neither
                error, cause = self.execution.error or "", self.execution.cause or ""
            shown = element("code", error or "an error without a name")
            yield element("p", element("b", "error"), " ", shown, class_="value bad")
            if cause:
                yield shown_text("cause", cause, most=self._most)

    def _tasks(self, kept: Kept) -> list[Task]:
        """Return the attempts to show; if `brief`, only the last one if it failed."""
        tasks = kept.visit.tasks
        return [task for task in tasks[-1:] if task.error is not None] if self.brief else tasks

    def _task(self, task: Task) -> Markup:
        error = task.error
        name = f"try {task.attempt + 1}: {task.resource}"
        if task.ended is None:
            how = "not ended"
        else:
            how = "succeeded" if error is None else f"failed: {error or 'an error without a name'}"
        invocation = self.invoked.of_tasks.get(task)
        return element(
            "div",
            element(
                "p", element("b", name), " ", element("span", how, class_="" if error is None else "bad")
            ),
            shown_json("parameters", json.dumps(task.params, ensure_ascii=False), most=self._most)
            if not self.brief
            else None,
            shown_text("cause", task.cause, most=self._most) if task.cause and invocation is None else None,
            *(self._invocation(invocation) if invocation is not None else ()),
            class_="task",
        )

    def _invocation(self, invocation: Invocation) -> Iterator[Markup]:
        function = self.invoked.names.get(invocation.function, invocation.function)
        if invocation.error is not None:
            error = invocation.error
            trace = "\n".join([*frames(error.stack_trace), f"{error.type}: {error.message}"])
            yield shown_text(f"trace of {function}", trace, tail=True, open_=not self.brief)
        if log := function_lines(invocation.log, traces=False):
            yield shown_text(f"log of {function}", "\n".join(log), most=self._most, tail=True)

    def _events(self, kept: Kept) -> Markup | None:
        if self.brief:
            return None
        events = _own_events(kept)
        rows = (
            element(
                "li",
                element("b", f"{event.id} {event.type}"),
                " ",
                element("span", f"+{time(self._since_s(event))}", class_="quiet"),
                *(shown_json(name, event.text(name)) for name in _JSON if _tells(event, name)),
            )
            for event in events
        )
        title = f"{len(events)} event{'s' * (len(events) != 1)}"
        return element("details", element("summary", title), element("ul", *rows, class_="events"))

    def _branches(self, kept: Kept) -> Iterator[Markup]:
        if not kept.branches:
            return
        number = len(kept.visit.branches)
        noun = "iteration" if kept.visit.kind == "Map" else "branch"
        many = {"iteration": "iterations", "branch": "branches"}[noun]
        yield element("p", element("b", f"{number:,} {noun if number == 1 else many}"), class_="value")
        yield element("ul", *(element("li", self.way(way)) for way in kept.branches), class_="branches")


def _tells(event: HistoryEvent, name: str) -> bool:
    """Return whether a member of an event still needs to be shown because it is not shown with its state."""
    return bool(event.text(name)) and not event.type.endswith(("StateEntered", "StateExited"))


def _own_events(kept: Kept) -> list[HistoryEvent]:
    """Return a visit's events, excluding those in its branches."""
    visit = kept.visit
    found = {visit.entered.id: visit.entered}
    for task in visit.tasks:
        found[task.scheduled.id] = task.scheduled
        if task.ended is not None:
            found[task.ended.id] = task.ended
    for event in (visit.last, visit.exited):
        if event is not None:
            found[event.id] = event
    return [found[number] for number in sorted(found)]
