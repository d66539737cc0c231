"""The part `seed` of a scenario: buckets and objects that exist before the run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from harness.buckets import SeededBucket, SeededObject
from harness.numbered import Pattern
from harness.scenario import names
from harness.scenario.base import MOST_BUCKETS, MOST_OBJECTS, SIZE_SCHEMA, Model

BucketName = Annotated[str, AfterValidator(names.bucket_pattern)]
ObjectKey = Annotated[str, AfterValidator(names.object_pattern)]
ObjectSize = Annotated[int, BeforeValidator(names.object_size), WithJsonSchema(SIZE_SCHEMA)]


class ObjectSpec(Model):
    """One object, or many with a counter `{n}` in the key."""

    key: ObjectKey = Field(
        description="Its key, up to 1,024 bytes of UTF-8. `{n}` or `{n:05}` counts from 1 to `count`."
    )
    size_bytes: ObjectSize | None = Field(
        default=None,
        alias="size",
        description="Its size. Without `body` it is only declared: the embedded engine stores no bytes.",
    )
    body: str | None = Field(default=None, description="Its content as text; the size is that of its UTF-8.")
    count: Annotated[int, Field(strict=True, ge=1, le=MOST_OBJECTS)] | None = Field(
        default=None,
        description="Number of objects that `{n}` in the key stands for, up to 1,000,000,000,000.",
    )

    @property
    def seeded(self) -> SeededObject:
        """The object, or the objects, as an engine makes them."""
        body = None if self.body is None else self.body.encode()
        size_bytes = len(body) if body is not None else self.size_bytes or 0
        return SeededObject(self.key, size_bytes, body, self.count)


class BucketSpec(Model):
    """A bucket with its objects, or many equal ones with a counter `{n}` in the name."""

    count: Annotated[int, Field(strict=True, ge=1, le=MOST_BUCKETS)] | None = Field(
        default=None,
        description="Number of buckets that `{n}` in the name stands for, up to 1,000,000 (S3's quota).",
    )
    objects: tuple[ObjectSpec, ...] = Field(default=(), description="The objects in it.")


class Seed(Model):
    """Buckets and objects that exist before the run."""

    buckets: Mapping[BucketName, BucketSpec] = Field(
        default={},
        description="The account's buckets by name. `{n}` or `{n:03}` in a name counts from 1 to `count`.",
    )

    def expanded(self) -> Iterator[SeededBucket]:
        """Each bucket by its real name, in the order of the file."""
        for text, spec in self.buckets.items():
            objects = [each.seeded for each in spec.objects]
            for name in Pattern(text, spec.count):
                yield SeededBucket(name, objects)

    @property
    def declared_bytes(self) -> int:
        """The size of all objects that have no `body`."""
        return sum(
            len(Pattern(name, bucket.count)) * len(spec.seeded.keys) * (spec.size_bytes or 0)
            for name, bucket in self.buckets.items()
            for spec in bucket.objects
            if spec.body is None
        )
