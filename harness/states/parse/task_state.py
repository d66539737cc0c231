"""Fields that only Task states have."""

from __future__ import annotations

import re
from typing import Final

from harness.json_types import Json

from ..query.expressions import Expression
from ..query.jsonata.expression import is_expression
from ..resource import Resource
from .integrations import Integration, Integrations, Unfit
from .source import Source

_FUNCTION: Final = re.compile(r"arn:aws[\w-]*:lambda:[^:]*:[^:]*:function:[^:]+(:[^:]+)?")
"""AWS also accepts an ARN without a Region and account."""


def read_resource(source: Source, integrations: Integrations | None) -> tuple[str, Unfit]:
    """Read the Resource, and check its Parameters or Arguments. Also return the check for their values.

    Args:
        integrations: the integrations that the Resource can specify; None to skip this check.
    """
    text = source.text("Resource")
    if text is None:
        return "", _nothing_unfit
    resource = Resource.of(text)
    if not text.startswith("arn:"):
        source.refuse("Value is not a valid resource ARN", "Resource")
    elif resource.is_function and not resource.is_activity:
        _check_function(source, text)
    elif integrations is None:
        if resource.type == "s3":  # only ItemReader and ResultWriter use this type
            _not_recognized(source, text)
    elif not resource.is_function:
        return text, _integrated(source, resource, integrations)
    return text, _nothing_unfit


def _integrated(source: Source, resource: Resource, integrations: Integrations) -> Unfit:
    integration = integrations.find(resource, jsonata=source.jsonata)
    if integration is None:
        _not_recognized(source, resource.arn)
        return _nothing_unfit
    field = "Arguments" if source.jsonata else "Parameters"
    template = source.get(field)
    if field not in source:
        source.refuse(f"{field} field is required for resource ARN: {resource.arn}")
    else:
        check_template(source, field, template, integration)
    return integration.unfit_values(template)


def check_template(source: Source, field: str, template: Json, integration: Integration) -> None:
    """Report the parts of a template that an integration rejects. Expressions are checked later."""
    if not (source.jsonata and is_expression(template)):
        for problem in integration.unfit_template(template):
            source.refuse(problem, field)


def _check_function(source: Source, text: str) -> None:
    if ":lambda:" in text:
        if not _FUNCTION.fullmatch(text):
            source.refuse("Value is not a valid resource ARN", "Resource")
    else:
        _not_recognized(source, text)


def _not_recognized(source: Source, arn: str) -> None:
    source.refuse(
        f"The resource provided {arn} is not recognized. The value is not a valid resource ARN, "
        "or the resource is not available in this region.",
        "Resource",
    )


def _nothing_unfit(_: Json) -> tuple[str, ...]:
    return ()


def read_credentials(source: Source) -> Expression[Json] | None:
    """Read Credentials, an object with RoleArn. AWS ignores its other fields."""
    if Resource.of(str(source.get("Resource"))).is_activity and "Credentials" in source:
        source.refuse("The field 'Credentials' is not supported for activities", "Credentials")
        return None
    if source.jsonata and is_expression(source.get("Credentials")):
        return source.template("Credentials")
    credentials = source.inner("Credentials")
    if credentials is None:
        return None
    roles = ("RoleArn",) if source.jsonata else ("RoleArn", "RoleArn.$")
    if not any(role in credentials for role in roles):
        credentials.refuse("The field 'RoleArn' is required but was missing")
    return source.template("Credentials")
