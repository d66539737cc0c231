"""KMS keys."""

from __future__ import annotations

import json
from typing import Self

from moto.kms.models import Key as MotoKey
from moto.kms.models import kms_backends

from harness.engine.moto.resources.model import Wanted
from harness.engine.moto.resources.of_moto import OfMoto


class Key(OfMoto):
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-kms-key.html."""

    TYPE = "AWS::KMS::Key"
    MODEL = MotoKey

    @classmethod
    def make(cls, wanted: Wanted) -> Self:
        """Create a key. If no policy is specified, the key gets KMS's default policy."""
        key = kms_backends[wanted.account_id][wanted.region].create_key(
            policy=_policy(wanted),
            key_usage=wanted.text("KeyUsage", "ENCRYPT_DECRYPT"),
            key_spec=wanted.text("KeySpec", "SYMMETRIC_DEFAULT"),
            description=wanted.text("Description"),
            tags=_tags(wanted),
            multi_region=wanted.is_set("MultiRegion"),
        )
        made = cls(key, wanted)
        made._set(wanted)
        return made

    def change(self, wanted: Wanted) -> Self:
        """Update the key's policy, description and state."""
        if policy := _policy(wanted):
            self.model.policy = policy
        self.model.description = wanted.text("Description")
        kms = kms_backends[wanted.account_id][wanted.region]
        kms.untag_resource(self.model.id, list(self.wanted.own_tags()))
        kms.tag_resource(self.model.id, wanted.own_tags())
        self._set(wanted)
        return type(self)(self.model, wanted)

    def delete(self, account_id: str, region_name: str) -> None:
        """Schedule the deletion of the key."""
        days = int(self.wanted.text("PendingWindowInDays", "30"))
        kms_backends[account_id][region_name].schedule_key_deletion(self.model.id, days)

    def _set(self, wanted: Wanted) -> None:
        self.model.key_rotation_status = wanted.is_set("EnableKeyRotation")
        self.model.enabled = wanted.is_set("Enabled", True)


def _tags(wanted: Wanted) -> list[dict[str, str]]:
    return [{"TagKey": key, "TagValue": value} for key, value in wanted.own_tags().items()]


def _policy(wanted: Wanted) -> str | None:
    policy = wanted.properties.get("KeyPolicy")
    return json.dumps(policy) if isinstance(policy, dict) else str(policy) if policy else None
