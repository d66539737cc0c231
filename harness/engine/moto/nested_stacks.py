"""Stacks in stacks: known by their ARN, with their outputs as attributes.

Patched in moto.cloudformation.models: `Stack.physical_resource_id`, `get_cfn_attribute`, and what makes and
changes a stack for the resource of another. Patched in models and responses: `get_stack_from_s3_url`,
which fails with an AttributeError where there is no such object.
"""

from __future__ import annotations

import re
from typing import Any

from moto.cloudformation import models, responses
from moto.cloudformation.exceptions import UnformattedGetAttTemplateException, ValidationError
from moto.cloudformation.models import Stack, cloudformation_backends
from moto.cloudformation.utils import get_stack_from_s3_url as fetch
from moto.utilities.utils import get_partition

_OUTPUTS = "Outputs."


def _attribute(self: Any, attribute: str) -> str:
    outputs = {output["OutputKey"]: output["OutputValue"] for output in self.outputs or []}
    name = attribute.removeprefix(_OUTPUTS)
    if not attribute.startswith(_OUTPUTS) or name not in outputs:
        raise UnformattedGetAttTemplateException
    return str(outputs[name])


def _create(
    cls: Any,
    /,
    resource_name: str,
    cloudformation_json: dict[str, Any],
    account_id: str,
    region_name: str,
    **kwargs: Any,
) -> Stack:
    properties = cloudformation_json["Properties"]
    backend = cloudformation_backends[account_id][region_name]
    return backend.create_stack(
        name=resource_name,
        template=_template(properties, account_id, region_name),
        parameters=properties.get("Parameters", {}),
        tags={tag["Key"]: tag["Value"] for tag in properties.get("Tags", [])},
    )


def _update(
    cls: Any,
    /,
    original_resource: Any,
    new_resource_name: str,
    cloudformation_json: dict[str, Any],
    account_id: str,
    region_name: str,
) -> Stack:
    properties = cloudformation_json["Properties"]
    original_resource.update(
        _template(properties, account_id, region_name), parameters=properties.get("Parameters", {})
    )
    changed: Stack = original_resource
    return changed


def _template(properties: dict[str, Any], account_id: str, region: str) -> str:
    url = properties.get("TemplateURL")
    if not isinstance(url, str):
        raise ValidationError(message="Property TemplateURL is required")
    return template_at(url, account_id, get_partition(region))


def template_at(template_url: str, account_id: str, partition: str) -> str:
    """The text of a template in a bucket. Raises ValidationError when it is not there."""
    # moto takes a bucket from the path of an address only where it finds "localhost" in it
    url = re.sub(r"^(https?://)127\.0\.0\.1(?=[:/])", r"\1localhost", template_url)
    try:
        return fetch(url, account_id=account_id, partition=partition)
    except Exception as error:
        message = f"S3 error: Access Denied: there is no template at {template_url}"
        raise ValidationError(message=message) from error


def install() -> None:
    """Patch moto in this process."""
    patched: Any = Stack
    patched.physical_resource_id = property(lambda self: self.stack_id)
    patched.get_cfn_attribute = _attribute
    patched.create_from_cloudformation_json = classmethod(_create)
    patched.update_from_cloudformation_json = classmethod(_update)
    for module in (models, responses):
        module.get_stack_from_s3_url = template_at  # type: ignore[attr-defined]
