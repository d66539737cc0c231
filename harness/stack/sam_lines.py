"""Maps CloudFormation resources to their source in a SAM template, for the lines of findings and errors.

SAM generates further resources for a declared one: `HelloRole`, `HelloVersion1a2b3c`, `HelloApiPermission`.
Their names begin with the name of the declared resource.
"""

from __future__ import annotations

import re
from typing import Final

from harness.cloudformation.faults import Key
from harness.cloudformation.sam import PREFIX
from harness.json_types import JsonObject, as_dict

_RENAMED: Final[dict[str, tuple[str, ...]]] = {
    "BodyS3Location": ("DefinitionUri", "DefinitionBody"),
    "Body": ("DefinitionBody", "DefinitionUri"),
    "Code": ("CodeUri", "InlineCode", "ImageUri"),
    "Content": ("ContentUri",),
    "DeadLetterConfig": ("DeadLetterQueue",),
    "Definition": ("Definition",),
    "DefinitionS3Location": ("DefinitionUri",),
    "DefinitionString": ("Definition", "DefinitionUri"),
    "KeySchema": ("PrimaryKey",),
    "AttributeDefinitions": ("PrimaryKey",),
    "LoggingConfiguration": ("Logging",),
    "ManagedPolicyArns": ("Policies",),
    "RoleArn": ("Role",),
    "StateMachineName": ("Name",),
    "StateMachineType": ("Type",),
    "TracingConfig": ("Tracing",),
    "TracingConfiguration": ("Tracing",),
}
"""SAM's property names by CloudFormation property name, where they differ. The first property that is set is
used.
"""
_IMPLICIT: Final = {"ServerlessRestApi": "Api", "ServerlessHttpApi": "HttpApi"}
"""The event type that makes SAM generate an undeclared API."""
_OF_URLS: Final = ("Url", "UrlPublicPermissions", "URLInvokeAllowPublicAccess")
_POLICY: Final = re.compile(r"Policy(\d+)")


class SamSource:
    """A SAM template as it is written."""

    def __init__(self, template: JsonObject) -> None:
        self._resources = as_dict(template.get("Resources"))
        self._globals = as_dict(template.get("Globals"))

    def keys(self, *keys: Key) -> tuple[Key, ...]:
        """Return the source keys for the keys of a generated resource. Unchanged if nothing was generated."""
        if len(keys) < 2 or keys[0] != "Resources":
            return keys
        name = str(keys[1])
        owner = self.owner(name)
        if owner is None:
            return self._implicit(name) or keys
        if not self._kind(owner).startswith(PREFIX):
            return keys
        if owner != name and not name.endswith("Role"):
            rest = name.removeprefix(owner)
            return self._url(owner, rest) or self._event(owner, rest) or ("Resources", owner)
        if len(keys) == 2 or keys[2] != "Properties":
            return ("Resources", owner, *keys[2:])
        return self._property(owner, keys[3:])

    def owner(self, name: str) -> str | None:
        """Return the declared resource that generates the resource with this name. None if there is none."""
        if name in self._resources:
            return name
        found = [
            each
            for each, resource in self._resources.items()
            if name.startswith(each)
            and (self._kind(each).startswith(PREFIX) or "Connectors" in as_dict(resource))
        ]
        return max(found, key=len, default=None)

    def policy(self, role: str, policy: str) -> tuple[Key, ...] | None:
        """Return the keys of a policy in a generated role: `HelloRolePolicy0` is the first in `Policies`."""
        owner = self.owner(role)
        if owner is None or owner == role:
            return None
        within: tuple[Key, ...] = ("Resources", owner, "Properties", "Policies")
        number = _POLICY.fullmatch(policy.removeprefix(role))
        if "Policies" not in self._properties(owner):
            return within[:2]
        policies = self._properties(owner)["Policies"]
        return (*within, int(number[1])) if number and isinstance(policies, list) else within

    def _kind(self, name: str) -> str:
        return str(as_dict(self._resources.get(name)).get("Type"))

    def _properties(self, name: str) -> JsonObject:
        return as_dict(as_dict(self._resources.get(name)).get("Properties"))

    def _property(self, owner: str, keys: tuple[Key, ...]) -> tuple[Key, ...]:
        """Return the location of a property: in the resource, otherwise in Globals, otherwise the resource
        itself.
        """
        if not keys:
            return ("Resources", owner, "Properties")
        shared = self._kind(owner).removeprefix(PREFIX)
        for name in (str(keys[0]), *_RENAMED.get(str(keys[0]), ())):
            if name in self._properties(owner):
                return ("Resources", owner, "Properties", name, *keys[1:])
            if name in as_dict(self._globals.get(shared)):
                return ("Globals", shared, name, *keys[1:])
        return ("Resources", owner)

    def _url(self, owner: str, rest: str) -> tuple[Key, ...] | None:
        """Return the authorization type of a function URL. SAM generates the URL and a permission from it."""
        if rest not in _OF_URLS or "FunctionUrlConfig" not in self._properties(owner):
            return None
        return ("Resources", owner, "Properties", "FunctionUrlConfig", "AuthType")

    def _event(self, owner: str, rest: str) -> tuple[Key, ...] | None:
        """Return the event whose name comes next in the name of a generated resource."""
        events = as_dict(self._properties(owner).get("Events"))
        found = max((event for event in events if rest.startswith(event)), key=len, default=None)
        return None if found is None else ("Resources", owner, "Properties", "Events", found)

    def _implicit(self, name: str) -> tuple[Key, ...] | None:
        """Return the first event for which SAM generates an undeclared API."""
        kind = next((kind for each, kind in _IMPLICIT.items() if name.startswith(each)), None)
        for owner in self._resources:
            for event, declared in as_dict(self._properties(owner).get("Events")).items():
                if kind is not None and as_dict(declared).get("Type") == kind:
                    return ("Resources", owner, "Properties", "Events", event)
        return None
