"""The declarations of a template's resources."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from harness.json_types import Json, as_dict
from harness.stack.origin import Origin
from harness.stack.template import look_at

_PATH: Final = "aws:cdk:path"
"""https://docs.aws.amazon.com/cdk/v2/guide/identifiers.html"""


def origins_in(template: Path, stack: str = "") -> Mapping[str, Origin]:
    """The resources that a template declares, by logical ID. Excludes resources that a transform generates.

    Raises:
        TemplateError: the template cannot be read.
    """
    return {
        name: origin_of(template, stack, name, resource)
        for name, resource in as_dict(look_at(template)["Resources"]).items()
        if isinstance(resource, dict)
    }


def origin_of(template: Path, stack: str, logical_id: str, resource: Json, kind: str = "") -> Origin:
    """The origin of a resource. `resource` is its declaration, if it has one."""
    declared = as_dict(resource)
    path = as_dict(declared.get("Metadata")).get(_PATH)
    kind = kind or str(declared.get("Type"))
    return Origin(template, stack, logical_id, kind, path if isinstance(path, str) else "")
