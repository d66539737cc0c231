"""Rejects uploaded code that cannot be unzipped, as Lambda does.

Patched in moto.awslambda.models: `LambdaFunction._set_function_code`, which requests and
CloudFormation share, and `LayerVersion.__init__`. moto stores the bytes unchecked, so the error
would only appear at invocation.
"""

from __future__ import annotations

import binascii
import functools
from collections.abc import Callable
from typing import Any, Final

from moto.awslambda.exceptions import InvalidParameterValueException, LambdaClientError
from moto.awslambda.models import LambdaFunction, LayerVersion

from harness.functions.host.zips import zip_fault

_CODE: Final = ("code_bytes", "code_size", "code_sha_256", "code_digest")


class NoBase64(LambdaClientError):
    """The error for a zip file in a request that is not valid base64."""

    def __init__(self, error: Exception) -> None:
        said = f"Could not parse request body into json: the zip file is not base64 ({error})"
        super().__init__("InvalidRequestContentException", said)


def install() -> None:
    """Install the checks."""
    function: Any = LambdaFunction
    function._set_function_code = _checked(function._set_function_code)
    layer: Any = LayerVersion
    layer.__init__ = _checked(layer.__init__)


def _checked(method: Callable[..., None]) -> Callable[..., None]:
    @functools.wraps(method)
    def checked(self: Any, *args: Any, **kwargs: Any) -> None:
        before = {name: self.__dict__[name] for name in _CODE if name in self.__dict__}
        try:
            method(self, *args, **kwargs)
        except (binascii.Error, TypeError, UnicodeEncodeError) as error:
            raise NoBase64(error) from error
        content = self.__dict__.get("code_bytes")
        if content is None or content == before.get("code_bytes"):  # image code, or a dry run
            return
        if fault := zip_fault(content):
            self.__dict__.update(before)
            raise InvalidParameterValueException(fault)

    return checked
