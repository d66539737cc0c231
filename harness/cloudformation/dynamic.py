"""Dynamic references, `{{resolve:service:name}}`, in property values.

See https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Final

from harness.cloudformation.faults import Key, refuse
from harness.cloudformation.text import is_scalar, text_of
from harness.json_types import Json

REFERENCE: Final = re.compile(r"\{\{resolve:([^:{}]*):([^{}]*)\}\}")
# Properties that support `ssm-secure`, by type and property name:
# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references-ssm-secure-strings.html
SECURE: Final = frozenset(
    (
        ("AWS::DirectoryService::MicrosoftAD", "Password"),
        ("AWS::DirectoryService::SimpleAD", "Password"),
        ("AWS::ElastiCache::ReplicationGroup", "AuthToken"),
        ("AWS::IAM::User", "Password"),
        ("AWS::KinesisFirehose::DeliveryStream", "Password"),
        ("AWS::OpsWorks::App", "Password"),
        ("AWS::OpsWorks::Stack", "Password"),
        ("AWS::OpsWorks::Stack", "SshKey"),
        ("AWS::RDS::DBCluster", "MasterUserPassword"),
        ("AWS::RDS::DBInstance", "MasterUserPassword"),
        ("AWS::Redshift::Cluster", "MasterUserPassword"),
    )
)

Parameter = Callable[[str, str, bool], str | None]
"""Returns a parameter by name and version ("" for the newest). The boolean requests a SecureString."""
Secret = Callable[[str, str, str], str | None]
"""Returns the secret string by secret ID, version stage and version ID."""


class DynamicReferences:
    """Resolves the dynamic references in a resource's properties.

    `secrets` collects the values of secrets and secure parameters, with their references.
    """

    def __init__(self, parameter: Parameter, secret: Secret) -> None:
        self._parameter = parameter
        self._secret = secret
        self.secrets: dict[str, str] = {}

    def resolved(self, resource_type: str, value: Json, *keys: Key) -> Json:
        """Return a value with its references replaced. Raises TemplateRefused if a reference cannot be
        resolved.
        """
        if isinstance(value, dict):
            return {key: self.resolved(resource_type, entry, *keys, key) for key, entry in value.items()}
        if isinstance(value, list):
            return [self.resolved(resource_type, entry, *keys, n) for n, entry in enumerate(value)]
        if isinstance(value, str) and "{{resolve:" in value:
            return REFERENCE.sub(lambda match: self._one(resource_type, match, keys), value)
        return value

    def _one(self, resource_type: str, match: re.Match[str], keys: tuple[Key, ...]) -> str:
        service, named = match.groups()
        if service == "ssm":
            return self._stored(resource_type, service, named, keys)
        if service in ("ssm-secure", "secretsmanager"):
            secure = service == "ssm-secure"
            text = (
                self._stored(resource_type, service, named, keys)
                if secure
                else self._secret_text(match[0], named)
            )
            self.secrets[text] = match[0]
            return text
        raise refuse(f"Dynamic reference {match[0]}: unknown service {service!r}", *keys)

    def _stored(self, resource_type: str, service: str, named: str, keys: tuple[Key, ...]) -> str:
        secure = service == "ssm-secure"
        names = [str(key) for key in keys if isinstance(key, str)]
        if secure and (resource_type, names[-1] if names else "") not in SECURE:
            path = "/".join([resource_type, "Properties", *names])
            raise refuse(f"SSM Secure reference is not supported in: [{path}]", *keys)
        name, _, version = named.partition(":")
        found = self._parameter(name, version, secure)
        if found is None:
            raise refuse(f"Parameters: [{service}:{named}] cannot be found.", *keys)
        return found

    def _secret_text(self, reference: str, named: str) -> str:
        # An ARN itself contains colons: arn:aws:secretsmanager:region:account:secret:name
        parts = named.split(":")
        own = 7 if parts[0] == "arn" else 1
        rest = [*parts[own:], "", "", "", ""]
        kind, key, stage, version = rest[:4]
        found = self._secret(":".join(parts[:own]), stage, version)
        if kind not in ("", "SecretString"):
            raise refuse(f"Dynamic reference {reference}: a secret has no {kind!r}; write SecretString")
        if found is None:
            raise refuse(f"Secrets Manager can't find the specified secret. ({reference})")
        if not key:
            return found
        try:
            content: Json = json.loads(found)
        except ValueError:
            content = None
        value = content.get(key) if isinstance(content, dict) else None
        if not is_scalar(value):
            raise refuse(f"Could not find a value associated with JSONKey in SecretString ({reference})")
        return text_of(value)
