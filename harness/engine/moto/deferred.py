"""Defers rarely used imports and files in moto's CloudFormation.

CloudFormation's module imports API Gateway's module, which imports openapi_spec_validator, which in turn
imports pydantic's settings, JSON Schema and more. These imports take a sixth of the time before a template
can be deployed. CloudFormation's module also imports EC2's module, which reads the instance types for all
regions. These files are several times larger than everything else.
"""

from __future__ import annotations

import functools
import importlib
import sys
from collections import UserDict, UserList
from collections.abc import Callable
from functools import cached_property
from types import ModuleType
from typing import Any, Final

import boto3
from moto.utilities import utils
from moto.utilities.utils import load_resource

_LIBRARY: Final = "openapi_spec_validator"
_INSTANCE_TYPES: Final = "moto.ec2.models.instance_types"
_FILES: Final = "ec2/resources/instance_type"
_PARTS: Final = (_LIBRARY, f"{_LIBRARY}.validation", f"{_LIBRARY}.validation.exceptions")


class OpenAPIValidationError(Exception):
    """A replacement for all of the library's error classes."""


class _LateDict(UserDict[str, Any]):
    """A dictionary that is loaded on first access."""

    def __init__(self, read: Callable[[], dict[str, Any]]) -> None:
        self._read = read

    @cached_property
    def data(self) -> dict[str, Any]:  # type: ignore[override]
        return self._read()


class _LateList(UserList[Any]):
    """A list that is loaded on first access."""

    def __init__(self, read: Callable[[], list[Any]]) -> None:
        self._read = read

    @cached_property
    def data(self) -> list[Any]:  # type: ignore[override]
        return self._read()


def install() -> None:
    """Defer both imports, unless the modules are already loaded."""
    _import_ec2()
    if _LIBRARY in sys.modules:
        return
    stand_in, _, exceptions = modules = [ModuleType(name) for name in _PARTS]
    stand_in.validate = _validate  # type: ignore[attr-defined]
    exceptions.OpenAPIValidationError = OpenAPIValidationError  # type: ignore[attr-defined]
    sys.modules.update(zip(_PARTS, modules, strict=True))


def _import_ec2() -> None:
    """Import moto.ec2 with one boto3 session instead of three, and without its instance type files."""
    if _INSTANCE_TYPES in sys.modules:
        return
    skipped: list[str] = []

    def load_later(filename: str) -> Any:
        if not filename.startswith(_FILES):
            return load_resource(filename)
        skipped.append(filename)
        return {}

    session = boto3.Session
    boto3.Session = functools.cache(session)  # type: ignore[misc,assignment]
    utils.load_resource = load_later  # type: ignore[assignment]
    try:
        module: Any = importlib.import_module(_INSTANCE_TYPES)
    finally:
        boto3.Session = session  # type: ignore[misc]
        utils.load_resource = load_resource
    types, *offerings = skipped
    module.INSTANCE_TYPES = _LateDict(lambda: load_resource(types))
    module.INSTANCE_FAMILIES = _LateList(lambda: [name.partition(".")[0] for name in module.INSTANCE_TYPES])
    for filename in offerings:
        *_, kind, file = filename.split("/")
        module.INSTANCE_TYPE_OFFERINGS[kind][file.split(".")[0]] = _offerings(filename, kind)


def _offerings(filename: str, kind: str) -> _LateList:
    return _LateList(lambda: [{**each, "LocationType": kind} for each in load_resource(filename)])


def _validate(*arguments: Any, **options: Any) -> None:
    if _is_stand_in():
        for name in _PARTS:
            del sys.modules[name]
    import openapi_spec_validator as library  # noqa: PLC0415
    from openapi_spec_validator.validation.exceptions import OpenAPIValidationError as Theirs  # noqa: PLC0415

    try:
        library.validate(*arguments, **options)
    except Theirs as error:
        raise OpenAPIValidationError(str(error)) from None


def _is_stand_in() -> bool:
    return getattr(sys.modules.get(_LIBRARY), "validate", None) is _validate
