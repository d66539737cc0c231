"""moto's layers, as CloudFormation and functions use them.

Patched in moto.awslambda.models: `LambdaFunction.create_from_cloudformation_json`, which drops Layers, and
`_get_layers_data`, which takes layers that are not there.
"""

from __future__ import annotations

import functools
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from moto.awslambda.exceptions import LambdaClientError
from moto.awslambda.models import LambdaBackend, LambdaFunction, lambda_backends

from harness.functions.host.runtime import FunctionRuntime
from harness.functions.shared.runtimes import layer_refusal

_lent: dict[str, bytes] = {}
"""The zip files that stand for layers, by patterns of ARNs."""


def lend(pattern: str, content: bytes) -> None:
    """Let functions have a zip file in the place of layers whose ARNs fit a pattern."""
    _lent[pattern] = content


def take_back() -> None:
    """Forget what is lent."""
    _lent.clear()


def _content(backend: LambdaBackend, arn: str) -> bytes | None:
    """The zip file of a layer, which is the engine's own or is lent; None for one that is not here."""
    if (version := backend.layers_versions_by_arn(arn)) is not None:
        return version.code_bytes
    return next((content for pattern, content in _lent.items() if fnmatchcase(arn, pattern)), None)


class LayerNotHere(LambdaClientError):
    """A function names a layer that nothing has made here."""

    code = 404

    def __init__(self, function: str, arn: str) -> None:
        super().__init__("ResourceNotFoundException", f"{function}: {'; '.join(layer_refusal(arn))}")


def folder_of(function: LambdaFunction, runtime: FunctionRuntime) -> Path | None:
    """Give the folder with what a function's layers put under /opt; None without layers."""
    if not function.layers:
        return None
    backend = lambda_backends[function.account_id][function.region]
    contents = [_content(backend, layer["Arn"]) for layer in function.layers]
    return runtime.layers_folder([content for content in contents if content is not None])


def install() -> None:
    """Let CloudFormation's functions have their layers."""
    function: Any = LambdaFunction
    create = function.create_from_cloudformation_json.__func__

    def layers_data(self: LambdaFunction, arns: list[str]) -> Any:
        backend = lambda_backends[self.account_id][self.region]
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
