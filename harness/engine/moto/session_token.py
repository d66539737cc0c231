"""The secret of this engine: the session token without which it answers nobody.

SDKs, the AWS CLI and Terraform send it with each request that they sign: that is what a session token is for.
Its length is always the same, so that nothing depends on it.
"""

from __future__ import annotations

import secrets
from typing import Final

SESSION_TOKEN: Final = secrets.token_hex(16)
PARAMETER: Final = "X-Amz-Security-Token"
"""The header of a signed request and the parameter of a presigned URL that have it."""
