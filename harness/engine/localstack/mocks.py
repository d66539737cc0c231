"""LocalStack's mocked response file, generated from a scenario's stand-ins.

It uses the format of Step Functions Local:
https://docs.aws.amazon.com/step-functions/latest/dg/sfn-local-mock-cfg-file.html
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from harness.json_types import JsonObject
from harness.stepfunctions.stand_ins import Answer, StandIn

TEST_CASE: Final = "stand-ins"
"""The test case. An execution of `arn:...:stateMachine:Name#stand-ins` uses it."""
_ALWAYS: Final = 1000
"""The number of attempts to write for an answer that applies to all attempts."""


def mock_file(machines: Iterable[str], stand_ins: Sequence[StandIn]) -> str:
    """Return the file content, with the responses for all states in each of these state machines."""
    states = list(dict.fromkeys(each.state for each in stand_ins))
    case = {state: state for state in states}
    responses = {
        state: dict(_responses([each for each in stand_ins if each.state == state])) for state in states
    }
    named = {name: {"TestCases": {TEST_CASE: case}} for name in machines}
    return json.dumps({"StateMachines": named, "MockedResponses": responses})


def _responses(stand_ins: Iterable[StandIn]) -> Iterator[tuple[str, JsonObject]]:
    """Return the responses for a state by attempt, counting from 0."""
    begin = 0
    for stand_in in stand_ins:
        for answer in stand_in.answers:
            end = begin + _times(stand_in, answer)
            yield f"{begin}-{end - 1}", _response(answer)
            begin = end


def _times(stand_in: StandIn, answer: Answer) -> int:
    if len(stand_in.answers) > 1:
        return answer.times
    return _ALWAYS if stand_in.last is None else stand_in.last - stand_in.first + 1


def _response(answer: Answer) -> JsonObject:
    if answer.error:
        return {"Throw": {"Error": answer.error, "Cause": answer.cause}}
    return {"Return": answer.result}
