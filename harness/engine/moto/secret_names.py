"""Secret names, which moto does not validate.

Patched: `SecretsManagerResponse.create_secret` (moto.secretsmanager.responses).
"""

from __future__ import annotations

import functools
import re
from typing import Any, Final

from moto.secretsmanager.exceptions import SecretsManagerClientError
from moto.secretsmanager.responses import SecretsManagerResponse

from harness.engine.moto.checks import check

# https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html
_NAME: Final = re.compile(r"[A-Za-z0-9/_+=.@!-]+")


@functools.cache
def install() -> None:
    """Install the checks."""
    check(SecretsManagerResponse, {"CreateSecret": (_check_name,)})


def _check_name(self: Any) -> None:
    """Raise SecretsManagerClientError for a name with invalid characters."""
    name = self._get_param("Name")
    if name and not _NAME.fullmatch(name):
        raise SecretsManagerClientError(
            "ValidationException",
            "Invalid name. Must be a valid name containing alphanumeric characters, "
            "or any of the following: -/_+=.@!",
        )
