"""The secret of this engine: the session token that every request requires.

SDKs, the AWS CLI and Terraform send a session token with each request that they sign. Its length is always
the same, so that no result depends on it.
"""

from __future__ import annotations

import secrets
from typing import Final

SESSION_TOKEN: Final = secrets.token_hex(16)
PARAMETER: Final = "X-Amz-Security-Token"
"""The header of a signed request, and the parameter of a presigned URL, that contain it."""
