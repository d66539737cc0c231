"""Makes the machine of executions whose definition nothing tells, of histories without a company's own.

What is a company's is replaced first, the same by the same, so that the definition and the scenario that are
made of the rest go together.
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
    """A machine, the executions that it was made of, and sentences that say what of it is guessed."""

    machine: ReplayMachine
    executions: tuple[RecordedExecution, ...]
    guessed: tuple[str, ...]


def remade(executions: Sequence[RecordedExecution], *, keep_names: bool, keep_data: bool) -> Remade:
    """The machine of executions, as far as their histories show it.

    Raises:
        HistoryError: no definition can be made of them.
    """
    found = remade_of(hidden(executions, Hiding(Reads(), keep_names, keep_data)))
    return found if keep_data else replace(found, executions=tuple(map(without_causes, found.executions)))


def remade_of(executions: Sequence[RecordedExecution]) -> Remade:
    """The same of executions that have nothing of a company's any more."""
    made = reconstructed(executions)
    first = executions[0]
    try:
        machine = parse(json.dumps(made.definition), express=first.express)
    except InvalidDefinition as error:
        message = f"no definition can be made of it: {error.problems[0].message}"
        raise HistoryError(first.file, message, "name its definition: --definition") from error
    guessed = list(made.guessed)
    for each in executions:
        try:
            differing = replay(each, machine).differences
        except NotReplayable as error:
            guessed.append(f"{each.file}: it cannot be replayed with this definition: {error}")
            continue
        if differing:
            one = differing[0]
            what = f"{one.what} was {one.expected}, and is {one.seen}"
            guessed.append(f"{each.file}: with this definition it is not the same: {one.subject}: {what}")
    place = Position(Path(first.file))
    name = first.machine_name or "StateMachine"
    found = ReplayMachine(name, made.definition, lambda _: place, express=first.express, told=True)
    return Remade(found, tuple(executions), tuple(guessed))


def hidden(executions: Sequence[RecordedExecution], hiding: Hiding) -> tuple[RecordedExecution, ...]:
    """The same executions with names and data replaced."""
    for execution in executions:
        hiding.learn([execution.arn, execution.machine_arn])
        for event in execution.events:
            hiding.learn({key: _read(key, each) for key, each in event.details.items()})
    for execution in executions:
        for event in execution.events:
            # The name of a resource is one wherever it stands, and so are ARNs and addresses.
            texts = _texts({key: _read(key, each) for key, each in event.details.items()})
            hiding.reads.literals |= {each for each in texts if _ARN.fullmatch(each) or hiding.knows(each)}
            # The name of an error stands in the outputs of states that caught it, too.
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
    """An execution without the causes of errors, which say nothing once their texts are replaced."""
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
            # As in the outputs of states that caught it.
            made[name] = hiding.value(str(each))
        elif name == "error":
            made[name] = hiding.error(str(each))
        else:
            made[name] = hiding.name(each) if name in _NAMES and isinstance(each, str) else each
    return replace(event, details=made)


def _own_cause(event: Event) -> str:
    """The cause of an error of Step Functions itself, where it quotes nothing; "" for any other."""
    cause = event.text("cause")
    return cause if event.text("error") == "States.Runtime" and not _QUOTES.search(cause) else ""


def _without_metadata(value: Json) -> Json:
    """A payload without what the SDK tells of requests."""
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
