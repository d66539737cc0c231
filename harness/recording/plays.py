"""Run a scenario in two worlds to record it, including observations that are made only on request."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace

from harness.engine import engine_of
from harness.engine.moto.engine import MotoEngine
from harness.json_types import Json
from harness.observe.model import Observation
from harness.recording.editing import NotEdited, with_entry
from harness.recording.record import NotRecorded
from harness.report.model import Result
from harness.scenario.load import parse
from harness.scenario.model import Scenario
from harness.scenario.position import ScenarioError
from harness.scenario.source import KeyPath
from harness.session import Session
from harness.settings import Settings, SettingsError
from harness.stack.declared import declared
from harness.stack.stack_choice import stacks_of

_WRITES = frozenset({"CompleteMultipartUpload", "CopyObject", "DeleteObject", "DeleteObjects", "PutObject"})


def check_engine(settings: Settings) -> None:
    """Reject an engine that has only one world.

    Raises:
        SettingsError: the settings specify such an engine.
    """
    if settings.engine != MotoEngine.name:
        raise SettingsError(
            f"{settings.engine} has no virtual clock, so its runs are never identical; record on the "
            f"embedded engine: --engine {MotoEngine.name}"
        )


def sessions_of(settings: Settings) -> tuple[Session, Session]:
    """Return sessions on two engines: one for this world and one for the next."""
    here, next_ = engine_of(settings), engine_of(replace(settings, world=settings.world + 1))
    return Session(here), Session(next_)


def plays_of(
    text: str, scenario: Scenario, settings: Settings, sessions: Sequence[Session]
) -> tuple[Result, ...]:
    """Run a scenario in each world, and return the results with every observation that an expectation can
    check.

    Raises:
        NotRecorded: the scenario did not finish.
        EngineError: an engine cannot run.
    """
    first = _played(scenario, settings, sessions[0])
    asking = _asking(text, scenario, settings, _seen(first))
    if asking is None:
        return first, _played(scenario, settings, sessions[1])
    return tuple(_played(asking, settings, each) for each in sessions)


def _played(scenario: Scenario, settings: Settings, session: Session) -> Result:
    result = session.run(scenario, settings)
    if result.observation is None or result.outcome in ("error", "skipped"):
        raise NotRecorded(f"{scenario.path}: the run did not end: {result.reason}")
    return result


def _seen(result: Result) -> Observation:
    assert result.observation is not None
    return result.observation


def _asking(text: str, scenario: Scenario, settings: Settings, seen: Observation) -> Scenario | None:
    """Return the scenario with an expectation for each queue, bucket and event bus; None if there are
    none.
    """
    asked = False
    for path in _questions(scenario, settings, seen):
        if scenario.expected(str(path[1])) is not None:
            continue
        question: Json = [] if path[1] == "events" else {"count": {"min": 0}}
        with suppress(NotEdited):
            text = with_entry(text, scenario.path, path, question)
            asked = True
    if not asked:
        return None
    try:
        return parse(text, scenario.expectations, scenario.path)
    except ScenarioError:
        return None


def _questions(scenario: Scenario, settings: Settings, seen: Observation) -> Iterator[KeyPath]:
    for planned in stacks_of(scenario, settings):
        resources = declared(planned.template).resources or {}
        for key, kind in (("objects", "bucket"), ("queues", "queue")):
            for name in resources.get(kind, ()):
                yield ("expect", key, name)
    for bucket in {call.bucket for call in seen.calls if call.service == "s3" and call.operation in _WRITES}:
        if bucket in scenario.seed.buckets:
            yield ("expect", "objects", bucket)
    if any(call.operation == "PutEvents" for call in seen.calls):
        yield ("expect", "events")
