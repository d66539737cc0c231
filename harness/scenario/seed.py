"""The `seed` section of a scenario: the state before the run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field

from harness.buckets import SeededBucket
from harness.numbered import Pattern
from harness.scenario.base import LogicalId, Model, logical_id
from harness.scenario.given import ParameterName, ParameterValue, SecretValues
from harness.scenario.position import RefusedError
from harness.scenario.seed_items import TableSpec
from harness.scenario.seed_messages import MessageSpec
from harness.scenario.seed_objects import BucketName, BucketSpec, ObjectSpec


def _reference(text: str) -> str:
    if not text.strip() or not text.isprintable():
        raise RefusedError(f"{text!r} is not a valid name", "write the name of the resource in the template")
    return text


Reference = Annotated[str, AfterValidator(_reference)]
"""The name of a resource, in a template or outside it. It is stored as written."""


class Seed(Model):
    """The state before the run: in the account, and in the template's resources."""

    buckets: Mapping[BucketName, BucketSpec] = Field(
        default={},
        description="The account's own buckets by name. They exist before the deployment. `{n}` or `{n:03}` "
        "in a name counts from 1 to `count`.",
    )
    objects: Mapping[Reference, tuple[ObjectSpec, ...]] = Field(
        default={}, description="Objects in the template's buckets, by the bucket's logical ID."
    )
    tables: Mapping[Reference, TableSpec] = Field(
        default={},
        description="Items in the template's tables, by logical ID. With `key`, items in other tables, by "
        "name.",
    )
    queues: Mapping[LogicalId, tuple[MessageSpec, ...]] = Field(
        default={}, description="Messages in the template's queues, by the queue's logical ID."
    )
    parameters: Mapping[ParameterName, ParameterValue] = Field(
        default={},
        description="SSM parameters, by name, or by logical ID for the template's parameters.",
    )
    secrets: SecretValues = Field(
        default={},
        repr=False,
        description="Secrets, by name or ARN, or by logical ID for the template's secrets. Reports never "
        "show their values.",
    )

    def expanded(self, folder: Path = Path()) -> Iterator[SeededBucket]:
        """Return each of the account's own buckets by its real name, in file order.

        The paths of content files are relative to `folder`. Raises OSError if a file cannot be read.
        """
        for text, spec in self.buckets.items():
            objects = [each.seeded(folder) for each in spec.objects]
            for name in Pattern(text, spec.count):
                yield SeededBucket(name, objects)

    @property
    def declared_bytes(self) -> int:
        """The total size of all objects without content."""
        of_account = sum(
            len(Pattern(name, bucket.count)) * spec.declared_bytes
            for name, bucket in self.buckets.items()
            for spec in bucket.objects
        )
        return of_account + sum(spec.declared_bytes for objects in self.objects.values() for spec in objects)

    @property
    def is_for_stack(self) -> bool:
        """Return whether the seed may contain data for the template's resources."""
        return any((self.objects, self.tables_made, self.queues, self.parameters, self.secrets))

    @property
    def tables_made(self) -> Mapping[str, TableSpec]:
        """The template's tables, by logical ID."""
        return {logical_id(name): spec for name, spec in self.tables.items() if spec.key is None}

    @property
    def others(self) -> Mapping[str, TableSpec]:
        """The tables outside the template, by name."""
        return {name: spec for name, spec in self.tables.items() if spec.key is not None}
