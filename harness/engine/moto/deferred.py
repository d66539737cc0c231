"""A library that moto imports with CloudFormation and hardly ever calls, imported when it is called.

CloudFormation's module imports API Gateway's, which imports openapi_spec_validator, which imports pydantic's
settings, JSON Schema and more: a sixth of the time until a template can be deployed.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any, Final

_LIBRARY: Final = "openapi_spec_validator"
_PARTS: Final = (_LIBRARY, f"{_LIBRARY}.validation", f"{_LIBRARY}.validation.exceptions")


class OpenAPIValidationError(Exception):
    """Stands for every error of the library."""


def install() -> None:
    """Put stand-ins for the library's modules where moto's imports find them, unless they are there."""
    if _LIBRARY in sys.modules:
        return
    stand_in, _, exceptions = modules = [ModuleType(name) for name in _PARTS]
    stand_in.validate = _validate  # type: ignore[attr-defined]
    exceptions.OpenAPIValidationError = OpenAPIValidationError  # type: ignore[attr-defined]
    sys.modules.update(zip(_PARTS, modules, strict=True))


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
