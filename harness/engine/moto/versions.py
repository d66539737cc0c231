"""The version of a function that a call means: by number, by alias, or the one that is not published."""

from __future__ import annotations

import hashlib
from typing import Any, NamedTuple

from moto.awslambda.exceptions import InvalidParameterValueException
from moto.awslambda.models import LambdaBackend, LambdaFunction

LATEST = "$LATEST"


class Called(NamedTuple):
    """The function that a call runs, and the ARN by which it was called."""

    function: LambdaFunction
    arn: str


def arn_of(function: LambdaFunction) -> str:
    """Give a function's ARN without a version."""
    return ":".join(function.function_arn.split(":")[:7])


def version_of(function: LambdaFunction) -> str:
    """Give a function's version: `$LATEST`, or a number."""
    return function.function_arn.removeprefix(arn_of(function)).lstrip(":") or LATEST


def called(backend: LambdaBackend, name: str, qualifier: str | None, request_id: str) -> Called:
    """Find what a call means. `name` is a name or an ARN, whole or partial, perhaps with a qualifier.

    Where an alias shares its calls out between two versions, the request's id decides.

    Raises:
        UnknownFunctionException: there is no such function, version or alias.
        InvalidParameterValueException: two qualifiers are given, and they differ.
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
    """Give the additional version of an alias that this request falls to; None when it is the alias's own."""
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
    """Give a number from 0 to 1 that depends on nothing but the id."""
    return int.from_bytes(hashlib.sha256(request_id.encode()).digest()[:4], "big") / (1 << 32)
