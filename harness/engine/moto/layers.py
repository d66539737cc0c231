"""moto's layers, as CloudFormation and functions use them.

Patched in moto.awslambda.models: `LambdaFunction.create_from_cloudformation_json`, which drops Layers, and
`_get_layers_data`, which takes layers that are not there.
"""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

from moto.awslambda.exceptions import LambdaClientError
from moto.awslambda.models import LambdaFunction, lambda_backends

from harness.functions.host.runtime import FunctionRuntime
from harness.functions.shared.runtimes import layer_refusal


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
    versions = [backend.layers_versions_by_arn(layer["Arn"]) for layer in function.layers]
    return runtime.layers_folder([version.code_bytes for version in versions if version])


def install() -> None:
    """Let CloudFormation's functions have their layers."""
    function: Any = LambdaFunction
    create, data = function.create_from_cloudformation_json.__func__, function._get_layers_data

    @functools.wraps(data)
    def layers_data(self: LambdaFunction, arns: list[str]) -> Any:
        backend = lambda_backends[self.account_id][self.region]
        for arn in arns:
            if backend.layers_versions_by_arn(arn) is None:
                raise LayerNotHere(self.function_name, arn)
        return data(self, arns)

    @functools.wraps(create)
    def create_with_layers(cls: Any, name: str, resource: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        made = create(cls, name, resource, *args, **kwargs)
        made.layers = made._get_layers_data(resource["Properties"].get("Layers", []))
        return made

    function._get_layers_data = layers_data
    function.create_from_cloudformation_json = classmethod(create_with_layers)
