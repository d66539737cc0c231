"""Finds the function version that a call refers to: by number, by alias, or without a qualifier."""

from __future__ import annotations

import hashlib
from typing import Any, NamedTuple

from moto.awslambda.exceptions import InvalidParameterValueException
from moto.awslambda.models import LambdaBackend, LambdaFunction

LATEST = "$LATEST"


class Called(NamedTuple):
    """The function that a call runs, and the ARN in the call."""

    function: LambdaFunction
    arn: str


def arn_of(function: LambdaFunction) -> str:
    """Return a function ARN without a version."""
    return ":".join(function.function_arn.split(":")[:7])


def version_of(function: LambdaFunction) -> str:
    """Return a function version: `$LATEST` or a number."""
    return function.function_arn.removeprefix(arn_of(function)).lstrip(":") or LATEST


def called(backend: LambdaBackend, name: str, qualifier: str | None, request_id: str) -> Called:
    """Find the function for a call. `name` is a name or an ARN, full or partial, with or without a qualifier.

    If an alias splits its calls between two versions, the request ID determines the version.

    Raises:
        UnknownFunctionException: the function, version or alias is not found.
        InvalidParameterValueException: two different qualifiers are specified.
    """
    short, _, in_name = name.rpartition("function:")[2].partition(":")
    if in_name and qualifier and in_name != qualifier:
        raise InvalidParameterValueException(
            "The derived qualifier from the function name does not match the specified qualifier."
        )
    wanted = in_name or qualifier or ""
    function = backend.get_function(short, wanted or None)
    if share := _shared_out(backend, short, wanted, request_id):
        function = backend.get_function(short, share)
    arn = arn_of(function)
    return Called(function, f"{arn}:{wanted}" if wanted else arn)


def _shared_out(backend: LambdaBackend, name: str, qualifier: str, request_id: str) -> str | None:
    """Return an alias's additional version if it runs this request, or None for the main version."""
    if not qualifier or qualifier == LATEST:
        return None
    for alias in backend.list_aliases(name):
        routing: Any = alias.routing_config or {}
        if alias.name == qualifier:
            for version, weight in (routing.get("AdditionalVersionWeights") or {}).items():
                if _share(request_id) < float(weight):
                    return str(version)
    return None


def _share(request_id: str) -> float:
    """Return a number from 0 to 1 that depends only on the ID."""
    return int.from_bytes(hashlib.sha256(request_id.encode()).digest()[:4], "big") / (1 << 32)
