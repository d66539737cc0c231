"""Derives the machine of executions without a known definition, from histories without proprietary data.

Proprietary names and data are first replaced consistently, so that the derived definition and scenario
match.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from harness.histories import Event, HistoryError, RecordedExecution
from harness.importing.hiding import Hiding
from harness.importing.reads import Reads
from harness.importing.reconstructing import reconstructed
from harness.json_types import Json, as_dict, json_or_text
from harness.replay.machines import ReplayMachine
from harness.replay.playing import replay
from harness.replay.stubs import NotReplayable
from harness.scenario.position import Position
from harness.states import InvalidDefinition, parse

_ARN: Final = re.compile(r"arn:aws[\w-]*:[^\s\"]+|https?://[^\s\"]+")
_PAYLOADS: Final = ("input", "output", "parameters")
_QUOTES: Final = re.compile(r"['\"{]")
_METADATA: Final = ("SdkHttpMetadata", "SdkResponseMetadata")
_NAMES: Final = ("activityArn", "mapRunArn", "resource", "roleArn", "stateMachineVersionArn", "workerName")


@dataclass(frozen=True)
class Remade:
    """A machine, the executions that it was derived from, and sentences about its guessed parts."""

    machine: ReplayMachine
    executions: tuple[RecordedExecution, ...]
    guessed: tuple[str, ...]


def remade(executions: Sequence[RecordedExecution], *, keep_names: bool, keep_data: bool) -> Remade:
    """Return the executions' machine, as far as their histories show it.

    Raises:
        HistoryError: no definition can be derived from them.
    """
    found = remade_of(hidden(executions, Hiding(Reads(), keep_names, keep_data)))
    return found if keep_data else replace(found, executions=tuple(map(without_causes, found.executions)))


def remade_of(executions: Sequence[RecordedExecution]) -> Remade:
    """Return the same as `remade` for executions that no longer contain proprietary names or data."""
    made = reconstructed(executions)
    first = executions[0]
    try:
        machine = parse(json.dumps(made.definition), express=first.express)
    except InvalidDefinition as error:
        message = f"no definition can be derived from it: {error.problems[0].message}"
        raise HistoryError(first.file, message, "specify its definition: --definition") from error
    guessed = list(made.guessed)
    for each in executions:
        try:
            differing = replay(each, machine).differences
        except NotReplayable as error:
            guessed.append(f"{each.file}: it cannot be replayed with this definition: {error}")
            continue
        if differing:
            one = differing[0]
            what = f"{one.what} was {one.expected}, but is {one.seen}"
            guessed.append(f"{each.file}: the replay with this definition differs: {one.subject}: {what}")
    place = Position(Path(first.file))
    name = first.machine_name or "StateMachine"
    found = ReplayMachine(name, made.definition, lambda _: place, express=first.express, told=True)
    return Remade(found, tuple(executions), tuple(guessed))


def hidden(executions: Sequence[RecordedExecution], hiding: Hiding) -> tuple[RecordedExecution, ...]:
    """Return the same executions with names and data replaced."""
    for execution in executions:
        hiding.learn([execution.arn, execution.machine_arn])
        for event in execution.events:
            hiding.learn({key: _read(key, each) for key, each in event.details.items()})
    for execution in executions:
        for event in execution.events:
            # A string that is a resource name is treated as one everywhere. So are ARNs and addresses.
            texts = _texts({key: _read(key, each) for key, each in event.details.items()})
            hiding.reads.literals |= {each for each in texts if _ARN.fullmatch(each) or hiding.knows(each)}
            # Outputs of states that caught an error also contain the error's name.
            hiding.know_error(event.text("error"))
            hiding.reads.literals |= {_own_cause(event)} - {""}
    return tuple(_hidden(each, hiding) for each in executions)


def _hidden(execution: RecordedExecution, hiding: Hiding) -> RecordedExecution:
    events = tuple(_hidden_event(event, hiding) for event in execution.events)
    return replace(
        execution,
        events=events,
        input=events[0].text("input"),
        arn=hiding.name(execution.arn),
        name=hiding.name(execution.name),
        machine_arn=hiding.name(execution.machine_arn),
    )


def without_causes(execution: RecordedExecution) -> RecordedExecution:
    """Return an execution without error causes, which are meaningless once their text is replaced."""
    events = tuple(
        replace(event, details={name: each for name, each in event.details.items() if name != "cause"})
        for event in execution.events
    )
    return replace(execution, events=events)


def _hidden_event(event: Event, hiding: Hiding) -> Event:
    made: dict[str, Json] = {}
    for name, each in event.details.items():
        if name in _PAYLOADS and isinstance(each, str):
            value = json_or_text(each)
            shown = value if hiding.keep_data else _without_metadata(value)
            made[name] = json.dumps(hiding.value(shown), ensure_ascii=False)
        elif name == "assignedVariables":
            values = {key: hiding.value(json_or_text(str(value))) for key, value in as_dict(each).items()}
            made[name] = {key: json.dumps(value, ensure_ascii=False) for key, value in values.items()}
        elif name == "cause":
            # as in the outputs of states that caught it
            made[name] = hiding.value(str(each))
        elif name == "error":
            made[name] = hiding.error(str(each))
        else:
            made[name] = hiding.name(each) if name in _NAMES and isinstance(each, str) else each
    return replace(event, details=made)


def _own_cause(event: Event) -> str:
    """Return the cause of a Step Functions error if it quotes no data; "" for any other error."""
    cause = event.text("cause")
    return cause if event.text("error") == "States.Runtime" and not _QUOTES.search(cause) else ""


def _without_metadata(value: Json) -> Json:
    """Return a payload without the SDK's request metadata."""
    if isinstance(value, dict):
        return {key: _without_metadata(each) for key, each in value.items() if key not in _METADATA}
    return [_without_metadata(each) for each in value] if isinstance(value, list) else value


def _read(key: str, value: Json) -> Json:
    return json_or_text(value) if key in _PAYLOADS and isinstance(value, str) else value


def _texts(value: Json) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)
