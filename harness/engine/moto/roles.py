"""moto's roles, answered as IAM does.

Patched: `Role.put_policy` (moto.iam.models), which keeps a policy that CloudFormation declares as a dict and
then answers its repr instead of JSON.
"""

from __future__ import annotations

import functools
import json
from typing import Any

from moto.iam.models import Role


def install() -> None:
    """Let every policy be kept as JSON text."""
    patched: Any = Role
    put = patched.put_policy

    @functools.wraps(put)
    def put_policy(self: Role, policy_name: str, policy_json: Any) -> None:
        put(self, policy_name, policy_json if isinstance(policy_json, str) else json.dumps(policy_json))

    patched.put_policy = put_policy
