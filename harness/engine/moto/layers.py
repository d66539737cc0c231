"""moto's layers, for CloudFormation and functions.

Patched in moto.awslambda.models: `LambdaFunction.create_from_cloudformation_json`, which drops Layers, and
`_get_layers_data`, which accepts layers that do not exist.
"""

from __future__ import annotations

import functools
import re
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Final

from moto.awslambda.exceptions import LambdaClientError
from moto.awslambda.models import LambdaBackend, LambdaFunction, lambda_backends

from harness.functions.host.runtime import FunctionRuntime
from harness.functions.shared.runtimes import layer_refusal

# https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html
_OF_ACCOUNT: Final = re.compile(r"arn:[a-zA-Z0-9-]+:lambda:[a-zA-Z0-9-]+:\d{12}:layer:[a-zA-Z0-9-_]+:[0-9]+")
_OF_AWS: Final = re.compile(r"arn:[a-zA-Z0-9-]+:lambda:::awslayer:[a-zA-Z0-9-_]+")
_lent: dict[str, bytes] = {}
"""The zip files that replace layers, by ARN pattern."""


def lend(pattern: str, content: bytes) -> None:
    """Replace layers whose ARNs match a pattern with a zip file."""
    _lent[pattern] = content


def take_back() -> None:
    """Delete the layer replacements."""
    _lent.clear()


def _content(backend: LambdaBackend, arn: str) -> bytes | None:
    """Return the zip file for a layer in the engine, its replacement, or None."""
    version = backend.layers_versions_by_arn(arn) if _OF_ACCOUNT.fullmatch(arn) else None
    if version is not None:
        return version.code_bytes
    return next((content for pattern, content in _lent.items() if fnmatchcase(arn, pattern)), None)


class LayerNotHere(LambdaClientError):
    """The error for a function with a layer that does not exist in the engine."""

    code = 404

    def __init__(self, function: str, arn: str) -> None:
        super().__init__("ResourceNotFoundException", f"{function}: {'; '.join(layer_refusal(arn))}")


class NoLayer(LambdaClientError):
    """The error for a function with an invalid layer ARN."""

    def __init__(self, arns: list[str]) -> None:
        super().__init__(
            "ValidationException",
            f"1 validation error detected: Value '[{', '.join(arns)}]' at 'layers' failed to satisfy "
            "constraint: Member must satisfy constraint: [Member must satisfy regular expression pattern: "
            f"{_OF_ACCOUNT.pattern}]",
        )


def folder_of(function: LambdaFunction, runtime: FunctionRuntime) -> Path | None:
    """Return the folder with the content of a function's layers for /opt, or None without layers."""
    if not function.layers:
        return None
    backend = lambda_backends[function.account_id][function.region]
    contents = [_content(backend, layer["Arn"]) for layer in function.layers]
    return runtime.layers_folder([content for content in contents if content is not None])


def install() -> None:
    """Add layers to functions from CloudFormation."""
    function: Any = LambdaFunction
    create = function.create_from_cloudformation_json.__func__

    def layers_data(self: LambdaFunction, arns: list[str]) -> Any:
        backend = lambda_backends[self.account_id][self.region]
        if not all(_OF_ACCOUNT.fullmatch(arn) or _OF_AWS.fullmatch(arn) for arn in arns):
            raise NoLayer(arns)
        found = []
        for arn in arns:
            content = _content(backend, arn)
            if content is None:
                raise LayerNotHere(self.function_name, arn)
            found.append({"Arn": arn, "CodeSize": len(content)})
        return found

    @functools.wraps(create)
    def create_with_layers(cls: Any, name: str, resource: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        made = create(cls, name, resource, *args, **kwargs)
        made.layers = made._get_layers_data(resource["Properties"].get("Layers", []))
        return made

    function._get_layers_data = layers_data
    function.create_from_cloudformation_json = classmethod(create_with_layers)
