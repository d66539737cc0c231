"""Error responses from services, as scenario faults with the same error and the same cause format."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Final

from harness.functions.shared.model import Target
from harness.histories import Event
from harness.importing.hiding import Hiding
from harness.json_types import JsonObject
from harness.scenario.faults import api_of
from harness.stepfunctions.services import Services

_ID: Final = re.compile(r"(?i)(request id: )[\w-]+")
_CODE: Final = re.compile(r"Error Code: (\w+)")
_DETAILS: Final = re.compile(r"(?s)(.*?) ?(\((?:Service|Status Code): .*)")
_TARGET: Final[Target] = "task"


@dataclass(frozen=True)
class Refusals:
    """Finds the task fault that reproduces an error in a history."""

    hiding: Hiding

    def of(self, task: str, ended: Event) -> JsonObject:
        """Return a task fault for `task`, such as `sqs:sendMessage`; `{}` if none produces this error."""
        error, cause = ended.text("error"), ended.text("cause")
        parts = _DETAILS.fullmatch(cause)
        if parts is None:
            return {}
        for code in dict.fromkeys((*_CODE.findall(parts[2]), error.partition(".")[2])):
            if code and _gives(task, code, parts[1], error, _masked(cause)):
                shown = self._shown(parts[1]) if parts[1] else ""
                return {_TARGET: task, "error": code, **({"message": shown} if shown else {})}
        return {}

    def _shown(self, message: str) -> str:
        if self.hiding.keep_data:
            return self.hiding.name(message)
        is_read = {"Cause", "cause"} & self.hiding.reads.members
        return str(self.hiding.value(message)) if is_read else ""


def _masked(cause: str) -> str:
    return _ID.sub(r"\1x", cause)


@cache
def _services() -> Services:
    return Services("http://127.0.0.1:9")


@cache
def _gives(task: str, code: str, message: str, error: str, cause: str) -> bool:
    """Return whether a task fault produces this error and this cause."""
    from harness.scenario import aws_names  # noqa: PLC0415  (start-up)

    service, operation = api_of(task)
    known = aws_names.service(service.removeprefix("aws-sdk:"))
    if known is None or code not in known.error_codes or operation not in known.operations:
        return False
    failed = _services().refusal(service, operation, code, message, "x")
    return failed.error == error and _masked(failed.cause or "") == cause
