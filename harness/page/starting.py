"""The form that starts an execution: what is in it, and what is wrong with that."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from harness.json_types import Json
from harness.page.look import Look, Machine
from harness.quotas import STATES_PAYLOAD_BYTES

MACHINE: Final = "machine"
NAME: Final = "name"
INPUT: Final = "input"
_OF_NAME: Final = ("InvalidName", "ExecutionAlreadyExists")
_OF_INPUT: Final = ("InvalidExecutionInput",)


@dataclass(frozen=True)
class Form:
    """The fields as they are, and a sentence about each that is wrong; "" for one about the whole."""

    machine: str = ""
    name: str = ""
    input: str = "{}"
    wrong: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, posted: Mapping[str, str], machines: tuple[Machine, ...]) -> Form:
        """Read and check what was posted."""
        form = cls(
            posted.get(MACHINE, ""),
            posted.get(NAME, "").strip(),
            posted.get(INPUT, "").replace("\r\n", "\n"),
        )
        wrong = {}
        if form.machine not in {each.arn for each in machines}:
            wrong[MACHINE] = "There is no such state machine any more. Choose another."
        if problem := json_problem(form.input):
            wrong[INPUT] = problem
        return replace(form, wrong=wrong)


def json_problem(text: str) -> str:
    """Say what keeps a text from being an input, and where; "" when nothing does."""
    if not text.strip():
        return "An execution has an input. Write {} for an empty one."
    try:
        _: Json = json.loads(text, parse_constant=_refuse)
    except json.JSONDecodeError as error:
        return f"This is not JSON: {error.msg} at line {error.lineno}, column {error.colno}."
    except (RecursionError, ValueError) as error:
        return f"This is not JSON: {error}."
    size = len(text.encode("utf-8", "replace"))
    if size > STATES_PAYLOAD_BYTES:
        return f"This has {size:,} bytes, and an input has at most {STATES_PAYLOAD_BYTES:,}. Make it shorter."
    return ""


def _refuse(constant: str) -> Json:
    raise ValueError(f"{constant} is no number in JSON")


def start(look: Look, form: Form) -> tuple[str, Form]:
    """Start what a form says: gives the ARN of the execution, "" with what the engine refuses."""
    from botocore.exceptions import ClientError, ParamValidationError  # noqa: PLC0415  (start-up)

    try:
        return look.start(form.machine, form.name, form.input), form
    except ClientError as error:
        code, message = error.response["Error"]["Code"], error.response["Error"]["Message"]
    except ParamValidationError as error:
        code, message = _OF_NAME[0], str(error)
    place = NAME if code in _OF_NAME else INPUT if code in _OF_INPUT else ""
    return "", replace(form, wrong={place: f"{code}: {message}"})
