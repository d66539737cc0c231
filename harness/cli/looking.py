"""`harness replay --until` and `--break`: replay a history up to an event, and pause there for inspection."""

from __future__ import annotations

import argparse
import shlex
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Final

from harness.cli.console import ended_by_ctrl_c, stay_with
from harness.cli.rebuilding import rebuilt_judge
from harness.cli.up import say_ready
from harness.engine.base import PATIENCE_S, EngineError
from harness.exit_codes import FAILED, PASSED
from harness.histories import Event, HistoryError, RecordedExecution
from harness.printable import one_line, say
from harness.projects import Projects
from harness.rebuilt.judging import RebuiltJudge, Settled, both_flows
from harness.rebuilt.world import World
from harness.replay.comparing import counterpart
from harness.replay.judging import Matter
from harness.replay.placing import placed
from harness.replay.stubs import NotReplayable
from harness.report.layout import shown_path
from harness.session import Session
from harness.settings import Settings, SettingsError
from harness.stack.definition_text import DefinitionRefused
from harness.stack.model import Stack
from harness.stack.template import TemplateError
from harness.states.timestamps import format_timestamp

_END_S: Final = 10.0


def look_around(
    arguments: argparse.Namespace,
    projects: Projects,
    executions: Sequence[RecordedExecution | HistoryError],
) -> int:
    """Replay a history up to an event, print how to connect to the engine, and keep it running. Return 1 if
    the event is not reached.

    Raises:
        SettingsError: there is not exactly one history, or it cannot be replayed.
    """
    option, event = ("--until", arguments.until) if arguments.stop is None else ("--break", arguments.stop)
    execution = _only(executions, option)
    if event > len(execution.events):
        raise SettingsError(f"{option} {event}: {execution.file} has events 1 to {len(execution.events)}")
    say(
        one_line(f"replays {shown_path(execution.file)} up to event {event} ..."), file=sys.stderr, flush=True
    )
    with rebuilt_judge(arguments, projects, executions) as judge:
        try:
            matter = judge.matter(execution)
            settled = judge.settled(matter, stubbed=not arguments.real)
        except (DefinitionRefused, HistoryError, TemplateError) as error:
            raise SettingsError(str(error)) from error
        except NotReplayable as error:
            raise SettingsError(f"{execution.file}: {error}") from error
        return _at(judge, matter, settled, event, asks=arguments.stop is not None)


def _only(executions: Sequence[RecordedExecution | HistoryError], option: str) -> RecordedExecution:
    for each in executions:
        if isinstance(each, HistoryError):
            raise SettingsError(str(each))
    if len(executions) != 1:
        raise SettingsError(
            f"{option}: requires a single history, but there are {len(executions)}; name one file"
        )
    (execution,) = executions
    assert isinstance(execution, RecordedExecution)
    return execution


def _at(judge: RebuiltJudge, matter: Matter, settled: Settled, event: int, *, asks: bool) -> int:
    recorded = matter.execution.events[event - 1]
    theirs, ours = both_flows(settled.played.ours, matter)
    id = counterpart(theirs, ours, event)
    number = settled.played.number_of(id) if id else 0
    if not number:
        last = settled.played.ours.events[-1]
        say(
            one_line(
                f"{shown_path(matter.execution.file)}: the replay does not reach event {event}, "
                f"{_named(recorded)}; its last event is {last.id}, {_named(last)}"
            )
        )
        return FAILED
    held = Held(judge.session, settled.played.world.patient(), matter.settings, number)
    if not asks:
        return held.stay(_lines(recorded, id, settled))
    from harness.cli.replay_stops import ask_at  # noqa: PLC0415  (rarely needed)

    return ask_at(held, settled.played, id)


def _lines(recorded: Event, id: int, settled: Settled) -> Iterator[str]:
    """Yield the current position as shell comments."""
    ours = settled.played.ours
    events = {each.id: each for each in ours.events}
    here, place = events[id], placed(ours.events)[id]
    same = (recorded.type, recorded.text("name")) == (here.type, here.text("name"))
    shown = f"event {recorded.id} of the history is {_named(recorded)}"
    seen = f"event {id}" if same else f"event {id}, {_named(here)}"
    yield f"# Time is stopped right after {seen} of this execution; {shown}."
    if place.state:
        yield f"# state: {place.iterations}{place.state}"
    entered = events.get(place.visit)
    if entered is not None and entered.text("input"):
        yield f"# input: {entered.text('input')}"
    yield f"# time: {format_timestamp(here.time)}"
    look = ["aws", "stepfunctions", "get-execution-history", "--execution-arn", ours.arn]
    yield f"# To see its history: {shlex.join(look)}"


def _named(event: Event) -> str:
    name = event.text("name")
    return f"{event.type} {name!r}" if name else event.type


@dataclass
class Held:
    """A replay in a separate thread that pauses at an event while the user inspects it."""

    session: Session
    world: World
    settings: Settings
    number: int
    _stack: Stack | None = field(default=None, init=False)
    _error: BaseException | None = field(default=None, init=False)
    _begun: threading.Event = field(default_factory=threading.Event, init=False)
    _ended: threading.Event = field(default_factory=threading.Event, init=False)

    def stay(self, lines: Iterator[str]) -> int:
        """Replay, and keep running until Ctrl-C."""
        engine = self.session.engine
        with self.playing() as stack, ended_by_ctrl_c():
            say(*map(one_line, lines), flush=True)
            say_ready(engine, self.session.start(), stack.outputs, as_json=False)
            stay_with(engine)
        return PASSED

    @contextmanager
    def playing(self) -> Iterator[Stack]:
        """Replay up to the event, yield the deployment, and stop the engine afterwards."""
        thread = threading.Thread(target=self._play, daemon=True)
        thread.start()
        engine = self.session.engine
        try:
            self._begun.wait()
            while not (held := self._stack is not None and engine.paused(PATIENCE_S)) and thread.is_alive():
                pass
            if self._error is not None:
                raise self._error
            if not held or self._stack is None:
                raise EngineError("the second replay did not reach that event; this is a bug")
            yield self._stack
        finally:
            engine.stop()
            thread.join(_END_S)

    def go_on(self, number: int = 0) -> None:
        """Continue to the event with this ID. 0 continues to the end."""
        engine = self.session.engine
        engine.pause_at([number] if number else ())
        if number:
            engine.paused(PATIENCE_S)
        else:
            self._ended.wait()

    def _play(self) -> None:
        try:
            self.session.run(self.world.scenario, replace(self.settings, lint=False), self._holding)
        except BaseException as error:  # the exception is raised in the waiting thread
            self._error = error
        finally:
            self._begun.set()
            self._ended.set()

    @contextmanager
    def _holding(self, stack: Stack) -> Iterator[Callable[[], Stack]]:
        self.session.engine.pause_at([self.number])
        self._stack = stack
        self._begun.set()
        try:
            yield lambda: stack
        finally:
            self.session.engine.pause_at(())
