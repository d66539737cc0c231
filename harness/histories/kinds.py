"""Event types in GetExecutionHistory, and the data that each must contain.

https://docs.aws.amazon.com/step-functions/latest/apireference/API_HistoryEvent.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_STATES: Final = ("Choice", "Fail", "Map", "Parallel", "Pass", "Succeed", "Task", "Wait")
_DATA: Final[Mapping[str, str]] = {
    "ActivityScheduled": "input",
    "ActivitySucceeded": "output",
    "ExecutionStarted": "input",
    "ExecutionSucceeded": "output",
    "LambdaFunctionScheduled": "input",
    "LambdaFunctionSucceeded": "output",
    "TaskScheduled": "parameters",
    "TaskSubmitted": "output",
    "TaskSucceeded": "output",
}
_OTHERS: Final = (
    "ActivityFailed",
    "ActivityScheduleFailed",
    "ActivityStarted",
    "ActivityTimedOut",
    "EvaluationFailed",
    "ExecutionAborted",
    "ExecutionFailed",
    "ExecutionRedriven",
    "ExecutionTimedOut",
    "LambdaFunctionFailed",
    "LambdaFunctionScheduleFailed",
    "LambdaFunctionStartFailed",
    "LambdaFunctionStarted",
    "LambdaFunctionTimedOut",
    "MapIterationAborted",
    "MapIterationFailed",
    "MapIterationStarted",
    "MapIterationSucceeded",
    "MapRunAborted",
    "MapRunFailed",
    "MapRunRedriven",
    "MapRunStarted",
    "MapRunSucceeded",
    "MapStateAborted",
    "MapStateFailed",
    "MapStateStarted",
    "MapStateSucceeded",
    "ParallelStateAborted",
    "ParallelStateFailed",
    "ParallelStateStarted",
    "ParallelStateSucceeded",
    "TaskFailed",
    "TaskStartFailed",
    "TaskStarted",
    "TaskStateAborted",
    "TaskSubmitFailed",
    "TaskTimedOut",
    "WaitStateAborted",
)
DATA: Final[Mapping[str, str]] = {
    **{f"{kind}StateEntered": "input" for kind in _STATES},
    **{f"{kind}StateExited": "output" for kind in _STATES if kind != "Fail"},
    **_DATA,
}
"""Event types, and the member of their details that is missing without execution data."""
TYPES: Final = frozenset((*DATA, *_OTHERS))
"""All event types."""
REDRIVES: Final = frozenset({"ExecutionRedriven", "MapRunRedriven"})
"""Event types for a redrive, after which an ended execution continues."""
