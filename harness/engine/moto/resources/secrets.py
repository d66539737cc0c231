"""Secrets as resources."""

from __future__ import annotations

import json
import random
import string
from typing import Any, Final, Self

from moto.moto_api._internal import mock_random

from harness.engine.moto.resources.model import Resource, Wanted
from harness.json_types import JsonObject

_CHARACTERS: Final = {
    "Lowercase": string.ascii_lowercase,
    "Uppercase": string.ascii_uppercase,
    "Numbers": string.digits,
    "Punctuation": string.punctuation,
}


def _secrets(account_id: str, region: str) -> Any:
    from moto.secretsmanager.models import secretsmanager_backends  # noqa: PLC0415  (start-up)

    return secretsmanager_backends[account_id][region]


class Secret(Resource):
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-secretsmanager-secret.html."""

    TYPE = "AWS::SecretsManager::Secret"
    NAME = "Name"
    ATTRIBUTES = ("Id",)
    wanted: Wanted

    @classmethod
    def make(cls, wanted: Wanted) -> Self:
        """Create the secret with the specified string, or a generated one."""
        backend = _secrets(wanted.account_id, wanted.region)
        rule = wanted.properties.get("GenerateSecretString")
        text = wanted.properties.get("SecretString")
        made = backend.create_secret(
            name=wanted.name,
            secret_string=_generated(wanted, rule) if isinstance(rule, dict) else text,
            secret_binary=None,
            description=wanted.properties.get("Description"),
            tags=wanted.properties.get("Tags") or [],
            kms_key_id=wanted.properties.get("KmsKeyId"),
            client_request_token=None,
            replica_regions=[],
            force_overwrite=False,
        )
        arn = str(json.loads(made)["ARN"])
        secret = cls(arn, {"Id": arn})
        secret.wanted = wanted
        return secret

    def change(self, wanted: Wanted) -> Self:
        """Update the description, tags and string of the secret. A generated string does not change."""
        backend, before = _secrets(wanted.account_id, wanted.region), self.wanted.properties
        rule, text = wanted.properties.get("GenerateSecretString"), wanted.properties.get("SecretString")
        if isinstance(rule, dict) and rule != before.get("GenerateSecretString"):
            text = _generated(wanted, rule)
        backend.update_secret(
            secret_id=self.physical_resource_id,
            secret_string=text if text != before.get("SecretString") else None,
            kms_key_id=wanted.properties.get("KmsKeyId"),
            description=wanted.text("Description"),
            client_request_token=str(mock_random.uuid4()),
        )
        stored = backend.secrets[self.physical_resource_id]
        stored.tags = wanted.properties.get("Tags") or []
        self.wanted = wanted
        return self

    def delete(self, account_id: str, region_name: str) -> None:
        """Delete the secret immediately."""
        _secrets(account_id, region_name).delete_secret(self.physical_resource_id, None, True)


def _generated(wanted: Wanted, rule: JsonObject) -> str:
    """Return the string for GenerateSecretString: a password, either alone or inserted into the template.

    It is the same in every run.
    """
    excluded = str(rule.get("ExcludeCharacters", ""))
    groups = [
        "".join(character for character in group if character not in excluded)
        for name, group in _CHARACTERS.items()
        if not _is_set(rule, f"Exclude{name}", False)
    ] + ([" "] if _is_set(rule, "IncludeSpace", False) else [])
    choose = random.Random(wanted.logical_id)  # noqa: S311 - it protects nothing
    every = _is_set(rule, "RequireEachIncludedType", True)
    required = [choose.choice(group) for group in groups if group] if every else []
    length = int(str(rule.get("PasswordLength", 32)))
    characters = required + choose.choices("".join(groups), k=max(length - len(required), 0))
    choose.shuffle(characters)
    password = "".join(characters)
    if "GenerateStringKey" not in rule:
        return password
    template = json.loads(str(rule.get("SecretStringTemplate", "{}")))
    return json.dumps({**template, str(rule["GenerateStringKey"]): password})


def _is_set(rule: JsonObject, name: str, default: bool) -> bool:
    return str(rule.get(name, default)).lower() == "true"
