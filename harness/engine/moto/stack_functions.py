"""Functions that a stack changes.

Replaced in moto.awslambda.models: `LambdaFunction.update_from_cloudformation_json`, which takes code that is
written in the template for a ZIP file, and does not replace a function that gets another name.
"""

from __future__ import annotations

import base64
from typing import Any

from moto.awslambda.models import LambdaFunction, lambda_backends


def _update(
    cls: Any,
    original_resource: Any,
    new_resource_name: str,
    cloudformation_json: dict[str, Any],
    account_id: str,
    region_name: str,
) -> Any:
    properties = cloudformation_json["Properties"]
    name = properties.get("FunctionName", original_resource.function_name)
    if name != original_resource.function_name:
        made = cls.create_from_cloudformation_json(name, cloudformation_json, account_id, region_name)
        lambda_backends[account_id][region_name].delete_function(original_resource.function_name)
        return made
    code = properties["Code"]
    if "ZipFile" in code:
        archive = cls._create_zipfile_from_plaintext_code(code["ZipFile"])
        code = {**code, "ZipFile": base64.b64encode(archive).decode()}
    original_resource.update_configuration(properties)
    original_resource.update_function_code(code)
    return original_resource


def install() -> None:
    """Patch moto in this process."""
    patched: Any = LambdaFunction
    patched.update_from_cloudformation_json = classmethod(_update)
