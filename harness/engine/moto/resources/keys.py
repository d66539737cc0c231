"""Keys of KMS as resources.

Patched in moto.kms.models: `Key.create_from_cloudformation_json`, which needs a policy, keeps it in another
form than the API gives, and makes symmetric keys only.
"""

from __future__ import annotations

import json
from typing import Any

from moto.kms.models import Key, kms_backends


def install() -> None:
    """Patch moto in this process."""
    patched: Any = Key
    patched.create_from_cloudformation_json = _create


def _create(_name: str, resource: dict[str, Any], account_id: str, region_name: str, **_: Any) -> Key:
    """Make a key; without a policy it has KMS's default one."""
    properties = resource["Properties"]
    policy = properties.get("KeyPolicy")
    key = kms_backends[account_id][region_name].create_key(
        policy=json.dumps(policy) if isinstance(policy, dict) else policy,
        key_usage=properties.get("KeyUsage", "ENCRYPT_DECRYPT"),
        key_spec=properties.get("KeySpec", "SYMMETRIC_DEFAULT"),
        description=properties.get("Description", ""),
        tags=properties.get("Tags", []),
        multi_region=str(properties.get("MultiRegion", False)).lower() == "true",
    )
    key.key_rotation_status = str(properties.get("EnableKeyRotation", False)).lower() == "true"
    key.enabled = str(properties.get("Enabled", True)).lower() == "true"
    return key
