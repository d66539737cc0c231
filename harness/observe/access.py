"""The permissions that a stack declares: roles and their policies, and policies for other resources."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from harness.acceptance import Acceptance
from harness.json_types import Json
from harness.stack.origin import Origin

PolicyDocument = Mapping[str, Json]
"""`{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", ...}]}`."""


@dataclass(frozen=True)
class NamedPolicy:
    """A role's policy. `name` is an inline policy's name, a managed policy's ARN, or a file path."""

    name: str
    document: PolicyDocument


@dataclass(frozen=True)
class Role:
    """A role in the template.

    `trust` is its AssumeRolePolicyDocument. `unread` contains the ARNs of managed policies that the engine
    does not have, because not every emulator includes the AWS managed policies. The permissions of a role
    with such a policy are unknown. `boundary` is its permissions boundary. `tags` are the role's tags, which
    its sessions inherit.
    """

    arn: str
    logical_id: str
    trust: PolicyDocument
    policies: tuple[NamedPolicy, ...]
    unread: tuple[str, ...] = ()
    boundary: NamedPolicy | None = None
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The role's name, without its path."""
        return self.arn.rsplit("/", 1)[-1]


@dataclass(frozen=True)
class Keys:
    """The customer managed KMS keys in an account, and the resources encrypted with them.

    `policies`: key ARN -> key policy. `aliases`: alias, such as `alias/orders` -> key ARN. `encrypts`: ARN of
    a topic, queue, table, bucket, secret, log group or state machine -> ARN of its key. `bucket_keys`: ARNs
    of buckets with an S3 Bucket Key.
    """

    policies: Mapping[str, PolicyDocument] = field(default_factory=dict)
    aliases: Mapping[str, str] = field(default_factory=dict)
    encrypts: Mapping[str, str] = field(default_factory=dict)
    bucket_keys: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Access:
    """Data that determines whether AWS allows a call.

    `roles`: role ARN -> role. `resource_policies`: ARN of a topic, queue, bucket or function -> its policy,
    if the template declares one. `log_groups`: function name -> its log group. `logging` and `tracing`: ARNs
    of the state machines for which logging or tracing is enabled. `declared`: ARN of a resource in the
    template -> its reference in the template (`!GetAtt OrdersTable.Arn`). `names`: name of such a resource ->
    its placeholder in `!Sub` (`${OrdersTable}`). `message_sizes`: ARN of a topic -> its MaximumMessageSize in
    bytes, if set. `organization`: the service control policies that apply to every role. `stacks`: stack name
    -> stack ARN, or "" if unknown. `accepted`: the findings that the project accepts. `named`: ARN or name of
    a resource -> its name in the stack. `origins`: that name -> the declaration, if known.
    """

    roles: Mapping[str, Role] = field(default_factory=dict)
    resource_policies: Mapping[str, PolicyDocument] = field(default_factory=dict)
    log_groups: Mapping[str, str] = field(default_factory=dict)
    logging: tuple[str, ...] = ()
    tracing: tuple[str, ...] = ()
    declared: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    stacks: Mapping[str, str] = field(default_factory=dict)
    keys: Keys = field(default_factory=Keys)
    message_sizes: Mapping[str, int] = field(default_factory=dict)
    organization: tuple[NamedPolicy, ...] = ()
    accepted: tuple[Acceptance, ...] = ()
    named: Mapping[str, str] = field(default_factory=dict)
    origins: Mapping[str, Origin] = field(default_factory=dict)

    def with_references(self, text: str) -> str:
        """Replace generated names in the text with placeholders such as `${OrdersTable}`."""
        for name, reference in self._longest_first:
            if name in text:
                text = re.sub(rf"(?<![\w-]){re.escape(name)}(?![\w-])", reference, text)
        return text

    def without_stack_id(self, text: str, instead: str) -> str:
        """Replace the UUIDs in the stacks' ARNs, and their first eight characters where they appear alone.

        Templates build unique names from either: `!Select [2, !Split ["/", !Ref AWS::StackId]]` is the UUID.
        """
        for stack_id in self.stacks.values():
            uuid = stack_id.rpartition("/")[2]
            for part in filter(None, (uuid, uuid.partition("-")[0])):
                text = re.sub(rf"(?<![\w]){re.escape(part)}(?![\w])", instead, text)
        return text

    def origin(self, arn: str) -> Origin | None:
        """Return the declaration of the resource with this ARN or name, or None if unknown."""
        return self.origins.get(self.named.get(arn, ""))

    def within(self, stack: str) -> Access:
        """Return the data that a template can refer to: `declared`, `names` and `stacks` for this stack only.

        For names that CloudFormation generates in other stacks, the random suffix is replaced by a wildcard:
        `shop-Orders-*`.
        """
        if len(self.stacks) < 2:
            return self
        others = {
            key: origin
            for key in (*self.declared, *self.names)
            if (origin := self.origin(key)) is not None and origin.stack != stack
        }
        begin = {key: f"{origin.stack}-{origin.logical_id}-" for key, origin in others.items()}
        return replace(
            self,
            declared={arn: reference for arn, reference in self.declared.items() if arn not in others},
            names={key: reference for key, reference in self.names.items() if key not in others}
            | {key: f"{start}*" for key, start in begin.items() if key.startswith(start)},
            stacks={name: id_ for name, id_ in self.stacks.items() if name == stack},
        )

    @cached_property
    def _longest_first(self) -> list[tuple[str, str]]:
        return sorted(self.names.items(), key=lambda entry: -len(entry[0]))
