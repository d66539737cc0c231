"""The form that starts an execution: its fields, and their errors."""

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
    """The values of the fields, and a sentence about each invalid one; the key "" is for the whole form."""

    machine: str = ""
    name: str = ""
    input: str = "{}"
    wrong: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, posted: Mapping[str, str], machines: tuple[Machine, ...]) -> Form:
        """Read and check the posted form."""
        form = cls(
            posted.get(MACHINE, ""),
            posted.get(NAME, "").strip(),
            posted.get(INPUT, "").replace("\r\n", "\n"),
        )
        wrong = {}
        if form.machine not in {each.arn for each in machines}:
            wrong[MACHINE] = "This state machine no longer exists. Choose a different one."
        if problem := json_problem(form.input):
            wrong[INPUT] = problem
        return replace(form, wrong=wrong)


def json_problem(text: str) -> str:
    """Return why and where a text is not valid input; "" if it is valid."""
    if not text.strip():
        return "An input is required. Enter {} for an empty one."
    try:
        _: Json = json.loads(text, parse_constant=_refuse)
    except json.JSONDecodeError as error:
        return f"Invalid JSON: {error.msg} at line {error.lineno}, column {error.colno}."
    except (RecursionError, ValueError) as error:
        return f"Invalid JSON: {error}."
    size = len(text.encode("utf-8", "replace"))
    if size > STATES_PAYLOAD_BYTES:
        return f"The input is {size:,} bytes; the maximum is {STATES_PAYLOAD_BYTES:,}. Make it shorter."
    return ""


def _refuse(constant: str) -> Json:
    raise ValueError(f"{constant} is not a valid JSON number")


def start(look: Look, form: Form) -> tuple[str, Form]:
    """Start the execution specified in a form. Return its ARN and the form.

    If the engine rejects it, return "" and the form with the engine's error.
    """
    from botocore.exceptions import ClientError, ParamValidationError  # noqa: PLC0415  (start-up)

    try:
        return look.start(form.machine, form.name, form.input), form
    except ClientError as error:
        code, message = error.response["Error"]["Code"], error.response["Error"]["Message"]
    except ParamValidationError as error:
        code, message = _OF_NAME[0], str(error)
    place = NAME if code in _OF_NAME else INPUT if code in _OF_INPUT else ""
    return "", replace(form, wrong={place: f"{code}: {message}"})
