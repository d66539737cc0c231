"""A scenario's answers to tasks that wait for a callback, on the simulation's clock.

An answer is chosen when its task is scheduled, so the nth answer applies to the nth task. If a task ends
before it starts to wait, its number is assigned to the next task. Times are measured from the start of the
wait, when the token becomes available.

An activity task must first be taken by a worker. The scenario's own worker takes precedence over all other
workers: it immediately takes each task that an entry answers. It leaves all other tasks to other workers.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from harness.functions.shared.matching import fires, is_in, matches
from harness.json_types import Json
from harness.quotas import STATES_PAYLOAD_BYTES
from harness.states import Completion, Simulation, Waiting
from harness.states.errors import QueryError
from harness.states.payload import Payload
from harness.states.query.scope import Scope, Variables
from harness.states.query.template import compile_payload_template
from harness.states.randomness import Randomness
from harness.states.run.activities import ActivityTask
from harness.states.run.tokens import Ended
from harness.states.time.fibers import Timer
from harness.stepfunctions.answer import WORKER, Answer, AnswerSeen, Missed, Trouble


@dataclass(slots=True)
class _Entry:
    """An answer with its usage counts. `free` contains the numbers that were released for reuse."""

    answer: Answer
    seen: AnswerSeen = field(default_factory=AnswerSeen)
    numbered: int = 0
    free: list[int] = field(default_factory=list)

    def number(self) -> int:
        """Return the number of the next matching task."""
        if self.free:
            return heapq.heappop(self.free)
        self.numbered += 1
        return self.numbered

    def is_for(self, number: int) -> bool:
        """Return whether the entry answers the matching task with this number."""
        return fires(self.answer, number)

    def add(self, **more: int) -> None:
        """Increase the given counters in `seen`."""
        self.seen = replace(self.seen, **{name: getattr(self.seen, name) + n for name, n in more.items()})

    def miss(self, missed: Missed) -> None:
        """Record a task that did not get its configured answer."""
        self.seen = replace(self.seen, missed=(*self.seen.missed, missed))


@dataclass(slots=True)
class _Task:
    """A task with a token: its numbers in the matching entries, and the entry that answers it."""

    told: Waiting
    numbers: list[tuple[_Entry, int]]
    by: _Entry | None
    waits: bool = False
    of_activity: bool = False
    due: float | None = None
    beats: int = 0
    given: bool = False
    timer: Timer | None = None
    beat: Timer | None = None


class Answers:
    """A simulation's answers. Initially, no answers are set.

    Args:
        lineage: returns the ARNs of an execution and of its ancestors, from the nearest to the farthest.
    """

    def __init__(self, simulation: Simulation, lineage: Callable[[str], Iterable[str]]) -> None:
        self._simulation = simulation
        self._lineage = lineage
        self._entries: list[_Entry] = []
        self._own: frozenset[str] = frozenset()
        self._tasks: dict[str, _Task] = {}

    def set(self, answers: Sequence[Answer], own: Sequence[str]) -> None:
        """Set the answers to use from now on, before any task waits.

        Args:
            own: the executions that accept only the answers that specify them.
        """
        with self._simulation.scheduler.frozen():
            self._entries = [_Entry(answer) for answer in answers]
            self._own = frozenset(own)
            if self not in self._simulation.tokens.watchers:
                self._simulation.tokens.watchers.append(self)
                self._simulation.activities.claim = self._claim

    def seen(self) -> tuple[AnswerSeen, ...]:
        """Return each entry's results so far."""
        with self._simulation.scheduler.frozen():
            return tuple(entry.seen for entry in self._entries)

    def opened(self, task: Waiting) -> None:
        """Choose the answer for a new task."""
        numbers: list[tuple[_Entry, int]] = []
        by = None
        for entry in self._of_state(task):
            if not _fits(entry.answer, task):
                continue
            number = entry.number()
            numbers.append((entry, number))
            if by is None and entry.is_for(number):
                by = entry
        self._tasks[task.token] = _Task(task, numbers, by)

    def waits(self, task: Waiting) -> None:
        """Schedule the answer and heartbeats for a task that now waits."""
        found = self._tasks.get(task.token)
        if found is None:
            return
        if not found.waits:
            self._count(found, task)
        found.told, found.waits = task, True
        if task.activity_arn:
            found.of_activity = True  # it waits again after a worker has taken it
        elif found.by:
            self._begin(found, found.by)

    def _count(self, found: _Task, task: Waiting) -> None:
        """Count the task as waiting in each entry for its state."""
        for entry in self._of_state(task):
            entry.add(waited=1)
            if not _fits(entry.answer, task) and entry.seen.other_input is None:
                entry.seen = replace(entry.seen, other_input=task.input)
        for entry, _ in found.numbers:
            entry.add(fitted=1)
        if found.by:
            found.by.add(chosen=1)

    def _claim(self, task: ActivityTask) -> str | None:
        """Return the name of the worker that takes an activity task, if an entry answers the task."""
        found = self._tasks.get(task.token)
        return (found.by.answer.worker or WORKER) if found and found.by else None

    def closed(self, token: str, how: Ended) -> None:
        """Cancel the pending answers and heartbeats for an ended task."""
        task = self._tasks.pop(token, None)
        if task is None:
            return
        if not task.waits:
            for entry, number in task.numbers:
                heapq.heappush(entry.free, number)
            return
        for timer in (task.timer, task.beat):
            if timer:
                timer.cancel()
        if task.by and not task.given:
            self._note_end(task, task.by, how)

    def _note_end(self, task: _Task, entry: _Entry, how: Ended) -> None:
        """Record the end of a task that was not ended by its answer."""
        if task.beats and task.due is None:
            entry.add(given=1)  # the entry only keeps the task alive
        elif how == "aborted":
            entry.add(aborted=1)
        elif task.due is not None or task.beat is not None:
            trouble: Trouble = "late" if how == "timed out" else "answered"
            self._miss(task, entry, trouble, since_s=self._since(task))

    def _since(self, task: _Task) -> float:
        due = task.due
        if due is None:
            due = task.beat.at if task.beat else self._simulation.clock.now()
        return round(due - self._simulation.clock.now(), 3)

    def _begin(self, task: _Task, entry: _Entry) -> None:
        answer, scheduler = entry.answer, self._simulation.scheduler
        now = self._simulation.clock.now()
        if answer.worker and not task.of_activity:
            self._miss(task, entry, "worker")
        if answer.kind == "silence" and answer.beats is None and not self._ends(task.told, answer):
            self._miss(task, entry, "endless")
            return
        if answer.silent:
            task.given = True  # the entry only makes a worker take the task
            entry.add(given=1)
        if answer.every_s is not None:
            self._set_beat(task, entry, now + answer.every_s)
        if answer.kind != "silence":
            task.due = now + answer.after_s
            task.timer = scheduler.at(task.due, partial(self._give, task, entry))

    def _ends(self, task: Waiting, answer: Answer) -> bool:
        """Return whether a task that gets no answer is ended by its own or its execution's timeout."""
        beating = answer.every_s is not None and answer.every_s < (task.heartbeat_s or math.inf)
        if (task.deadline if beating else task.until) is not None:
            return True
        around = {*self._lineage(task.execution_arn)}
        executions = (each for each in self._simulation.executions if each.arn in around)
        return any(each.machine.timeout_s is not None for each in executions)

    def _set_beat(self, task: _Task, entry: _Entry, moment: float) -> None:
        if entry.answer.beats is None or task.beats < entry.answer.beats:
            task.beat = self._simulation.scheduler.at(moment, partial(self._keep_alive, task, entry))
        else:
            task.beat = None

    def _keep_alive(self, task: _Task, entry: _Entry) -> None:
        completion = self._completion(task)
        if completion is None:
            return  # The task is closed next, which records the reason.
        completion.heartbeat()
        task.beats += 1
        assert entry.answer.every_s is not None
        self._set_beat(task, entry, self._simulation.clock.now() + entry.answer.every_s)

    def _give(self, task: _Task, entry: _Entry) -> None:
        completion, answer = self._completion(task), entry.answer
        if completion is None:
            return
        if answer.kind == "failure":
            completion.fail(answer.error, answer.cause)
        else:
            try:
                output = self._output(answer, task.told)
            except QueryError as error:
                task.due = None
                self._miss(task, entry, "output", detail=error.message)
                return
            completion.succeed(output)
        task.given = True
        entry.add(given=1)

    def _completion(self, task: _Task) -> Completion | None:
        """Return the completion of a task that still waits."""
        found = self._simulation.tokens.find(task.told.token)
        return None if found is None or found.over else found

    def _output(self, answer: Answer, task: Waiting) -> Json:
        """Return a task's result. Raises QueryError if it cannot be computed."""
        now = self._simulation.clock.now
        scope = Scope(
            task.input,
            lambda _whole: {"State": {"Name": task.state}, "Execution": {"Id": task.execution_arn}},
            Variables(),
            Randomness(f"answers:{task.token}"),
            now,
            {},
        )
        output = compile_payload_template(answer.output).evaluate(scope)
        if (size := Payload(output).size_bytes) > STATES_PAYLOAD_BYTES:
            most = f"SendTaskSuccess accepts at most {STATES_PAYLOAD_BYTES:,}"
            raise QueryError(f"it has {size:,} bytes, but {most}")
        return output

    def _miss(
        self, task: _Task, entry: _Entry, trouble: Trouble, *, since_s: float = 0.0, detail: str = ""
    ) -> None:
        entry.miss(Missed(trouble, task.told.execution_arn, since_s, detail))

    def _of_state(self, task: Waiting) -> Iterator[_Entry]:
        """Return the entries for a task's state, in their executions."""
        own = next((arn for arn in self._lineage(task.execution_arn) if arn in self._own), "")
        for entry in self._entries:
            if entry.answer.state == task.state and entry.answer.execution_arn == own:
                yield entry


def _fits(answer: Answer, task: Waiting) -> bool:
    if answer.when is not None and not matches(answer.when, task.input):
        return False
    if not is_in(answer.iterations, task.iterations):
        return False
    return not answer.params or matches(answer.params, task.parameters)
