"""A scenario's stand-ins, including the ones from a mock configuration file.

The file has the format used by Step Functions Local, which does not validate its responses:
https://docs.aws.amazon.com/step-functions/latest/dg/sfn-local-mock-cfg-file.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeAlias

from harness.files import read_text
from harness.json_types import Json, as_dict
from harness.scenario.model import Scenario
from harness.scenario.position import Position, Problem, ScenarioError
from harness.scenario.source import KeyPath
from harness.scenario.tasks import TaskSpec
from harness.scenario.wording import found, nearest

_ATTEMPTS: Final = re.compile(r"(\d{1,6})(?:-(\d{1,6}))?")
_Answering: TypeAlias = tuple[TaskSpec, tuple[int, int | None]]


class StandIn(NamedTuple):
    """A stand-in, its position in the scenario, and its first and last match (see TaskSpec)."""

    at: KeyPath
    spec: TaskSpec
    which: tuple[int, int | None]


def stand_ins_of(scenario: Scenario) -> tuple[StandIn, ...]:
    """Yield each stand-in in a scenario, in order.

    Raises:
        ScenarioError: a mock configuration file is missing or invalid.
    """
    standing: list[StandIn] = []
    for n, spec in enumerate(scenario.tasks):
        at: KeyPath = ("tasks", n)
        if spec.mock:
            of_run = {"run": spec.run}
            standing += [
                StandIn(at, each.model_copy(update=of_run), which)
                for each, which in _mocked(scenario, n, spec)
            ]
        else:
            standing.append(StandIn(at, spec, spec.which))
    return tuple(standing)


def _mocked(scenario: Scenario, n: int, spec: TaskSpec) -> Sequence[_Answering]:
    path = scenario.path.parent / spec.mock
    here = scenario.position("tasks", n, "mock", of="value")
    try:
        data = json.loads(read_text(path, "utf-8-sig"))
    except OSError as error:
        message = f"the file {path} cannot be read ({error.strerror})"
        raise _refused(here, message, "correct the path, which is relative to this file") from None
    except (ValueError, RecursionError) as error:
        raise _refused(Position(path), f"the file is not valid JSON: {error}", "correct it") from None
    return tuple(
        _File(path, as_dict(data)).specs(spec, scenario.position("tasks", n, "test_case", of="value"))
    )


class _File:
    """A mock configuration file."""

    def __init__(self, path: Path, data: Mapping[str, Json]) -> None:
        self._path = path
        self._machines = {
            name: as_dict(as_dict(machine).get("TestCases"))
            for name, machine in as_dict(data.get("StateMachines")).items()
        }
        self._responses = as_dict(data.get("MockedResponses"))

    def specs(self, spec: TaskSpec, here: Position) -> Iterator[_Answering]:
        """Yield the stand-ins from the test case that the scenario specifies at `here`."""
        for state, response in as_dict(self._case(spec, here)).items():
            if not isinstance(response, str) or response not in self._responses:
                message = f"state {state} of test case {spec.test_case} has the response {response!r}"
                remedy = nearest(str(response), self._responses, "MockedResponses")
                raise self._wrong(f"{message}, which does not exist", remedy)
            yield from self._of_state(state, response)

    def _case(self, spec: TaskSpec, here: Position) -> Json:
        chosen = {
            name: cases
            for name, cases in self._machines.items()
            if spec.state_machine in ("", name) and spec.test_case in cases
        }
        if not chosen:
            known = [case for cases in self._machines.values() for case in cases]
            message = f"{self._path.name} has no test case {spec.test_case!r}"
            if spec.state_machine:
                message += f" for the state machine {spec.state_machine!r}"
            raise _refused(here, message, nearest(spec.test_case, known))
        if len(chosen) > 1:
            message = f"several state machines in {self._path.name} have the test case {spec.test_case!r}"
            raise _refused(here, message, f"add state_machine, one of {', '.join(chosen)}")
        return next(iter(chosen.values()))[spec.test_case]

    def _of_state(self, state: str, name: str) -> Iterator[_Answering]:
        attempts = as_dict(self._responses[name])
        if not attempts:
            raise self._wrong(f"the response {name!r} is empty", 'add "0" with Return or Throw')
        for text, response in attempts.items():
            match = _ATTEMPTS.fullmatch(text)
            if match is None:
                raise self._wrong(f"{name!r} has an invalid attempt {text!r}", 'write "0", or "1-2"')
            first, last = int(match[1]), int(match[2] or match[1])
            if last < first:
                raise self._wrong(f"{name!r} has invalid attempts {text!r}", "swap the numbers")
            yield self._answer(state, as_dict(response), name), (first + 1, last + 1)

    def _answer(self, state: str, response: Mapping[str, Any], name: str) -> TaskSpec:
        thrown = as_dict(response.get("Throw"))
        if ("Return" in response) == ("Throw" in response):
            raise self._wrong(f"an attempt in {name!r} is {found(dict(response))}", "use Return or Throw")
        if "Return" in response:
            made: dict[str, Any] = {"result": response["Return"]}
        else:
            made = {"error": thrown.get("Error"), "cause": thrown.get("Cause", "")}
            if not all(isinstance(text, str) for text in made.values()) or not made["error"]:
                raise self._wrong(
                    f"an error in {name!r} has no Error, or has values that are not text", "correct it"
                )
        return TaskSpec.model_validate({"state": state, "validation": "NONE", **made})

    def _wrong(self, message: str, remedy: str) -> ScenarioError:
        return _refused(Position(self._path), message, remedy)


def _refused(where: Position, message: str, remedy: str) -> ScenarioError:
    return ScenarioError([Problem(where, message, remedy)])
