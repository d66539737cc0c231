"""AWS managed policy documents, from moto's copy."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Final

from harness.json_types import Json, JsonObject, as_dict

MARK: Final = ":iam::aws:policy/"
"""The part of an AWS managed policy's ARN before the path and name: `service-
role/AWSLambdaBasicExecutionRole`.
"""
_FILE: Final = Path("iam", "aws_managed_policies.py")


def document(name: str) -> Json:
    """Return the document of an AWS managed policy. The name includes the path. None if the policy is not
    known.

    >>> document("service-role/AWSLambdaBasicExecutionRole")["Statement"][0]["Resource"]
    '*'
    """
    found = _policies().get(name.rpartition("/")[2])
    return None if found is None or _full_name(name.rpartition("/")[2], found) != name else found["Document"]


def arns() -> Mapping[str, str]:
    """Return the ARNs of all AWS managed policies in the partition `aws`, by name without the path."""
    return {name: f"arn:aws{MARK}{_full_name(name, policy)}" for name, policy in _policies().items()}


def _full_name(name: str, policy: JsonObject) -> str:
    return f"{str(policy['Path']).lstrip('/')}{name}"


@cache
def _policies() -> Mapping[str, JsonObject]:
    """Return the policies by name. Loads only this file from moto: importing the whole package takes over
    a second.
    """
    moto = find_spec("moto")
    assert moto is not None, "moto is required"
    assert moto.origin is not None, "moto has a file"
    spec = spec_from_file_location("_aws_managed_policies", Path(moto.origin).parent / _FILE)
    assert spec is not None, "the file's name is a module's name"
    assert spec.loader is not None, "the module is a file"
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return {name: as_dict(policy) for name, policy in json.loads(module.aws_managed_policies_data).items()}
