"""The engine's secret: the session token that every request requires.

SDKs, the AWS CLI and Terraform send a session token with each request that they sign. Its length is
always the same, so that results do not depend on it.
"""

from __future__ import annotations

import secrets
from typing import Final

SESSION_TOKEN: Final = secrets.token_hex(16)
PARAMETER: Final = "X-Amz-Security-Token"
"""The signed request header and presigned URL parameter that contain the token."""
