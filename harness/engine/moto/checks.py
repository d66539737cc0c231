"""Request checks that run before moto sees the requests. SNS, SQS and Lambda share this mechanism.

Each service has a table of rules, keyed by operation name. A rule receives moto's response object,
whose `params` contain the request parsed with botocore's model. It raises the service's error.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from botocore.model import OperationModel
from moto.core.utils import camelcase_to_underscores, get_service_model

Rule = Callable[[Any], None]


def check(response: Any, rules: Mapping[str, Sequence[Rule]]) -> None:
    """Apply operation rules to the methods of one of moto's response classes."""
    for operation, checks in rules.items():
        name = camelcase_to_underscores(operation)
        setattr(response, name, _checked(getattr(response, name), tuple(checks)))


def operation_of(service: str, operation: str) -> OperationModel:
    """Return the model of an operation."""
    model: OperationModel = get_service_model(service).operation_model(operation)
    return model


def _checked(answer: Callable[..., Any], rules: Sequence[Rule]) -> Callable[..., Any]:
    @functools.wraps(answer)
    def checked(self: Any, *args: Any, **kwargs: Any) -> Any:
        for rule in rules:
            rule(self)
        return answer(self, *args, **kwargs)

    return checked
