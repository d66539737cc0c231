"""Checks of requests before moto sees them: the one way in which SNS, SQS and Lambda refuse.

A service has a table of rules by the names of its operations. A rule gets moto's response object, whose
`params` are the request as botocore's model reads it, and raises what the service answers.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from botocore.model import OperationModel
from moto.core.utils import camelcase_to_underscores, get_service_model

Rule = Callable[[Any], None]


def check(response: Any, rules: Mapping[str, Sequence[Rule]]) -> None:
    """Let the methods of one of moto's response classes obey the rules of their operations."""
    for operation, checks in rules.items():
        name = camelcase_to_underscores(operation)
        setattr(response, name, _checked(getattr(response, name), tuple(checks)))


def operation_of(service: str, operation: str) -> OperationModel:
    """Give the model of an operation."""
    model: OperationModel = get_service_model(service).operation_model(operation)
    return model


def _checked(answer: Callable[..., Any], rules: Sequence[Rule]) -> Callable[..., Any]:
    @functools.wraps(answer)
    def checked(self: Any, *args: Any, **kwargs: Any) -> Any:
        for rule in rules:
            rule(self)
        return answer(self, *args, **kwargs)

    return checked
