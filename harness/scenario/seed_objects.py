"""Buckets and objects in a scenario's `seed` section."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from harness.buckets import SeededObject
from harness.files import read_bytes
from harness.json_types import Json
from harness.scenario import names
from harness.scenario.base import MOST_BUCKETS, MOST_OBJECTS, SIZE_SCHEMA, Model
from harness.scenario.plain import CodePath
from harness.scenario.position import RefusedError

BucketName = Annotated[str, AfterValidator(names.bucket_pattern)]
ObjectKey = Annotated[str, AfterValidator(names.object_pattern)]
ObjectSize = Annotated[int, BeforeValidator(names.object_size), WithJsonSchema(SIZE_SCHEMA)]

CONTENTS = ("body", "json", "jsonl", "csv", "file")
"""The keys that set an object's content. At most one of them is allowed."""


def _rows(value: Json) -> Json:
    """Return rows of the same kind: all lists, or all mappings with the same keys."""
    if not isinstance(value, list) or not value:
        raise RefusedError("csv must be a list of rows", "write rows as lists, or as mappings")
    if all(isinstance(row, list) for row in value):
        cells = [cell for row in value if isinstance(row, list) for cell in row]
    elif all(isinstance(row, dict) for row in value):
        mappings = [row for row in value if isinstance(row, dict)]
        cells = [cell for row in mappings for cell in row.values()]
        for number, row in enumerate(mappings, start=1):
            if row.keys() != mappings[0].keys():
                columns = ", ".join(mappings[0])
                raise RefusedError(
                    f"csv: row {number} has different columns from the first row",
                    f"use these columns in each row: {columns}",
                )
    else:
        raise RefusedError("csv has rows of different types", "write all as lists, or all as mappings")
    if any(isinstance(cell, list | dict) for cell in cells):
        raise RefusedError("a CSV cell must be text, a number, true, false or null", "write JSON as text")
    return value


_ROWS: Mapping[str, Any] = {"type": "array", "items": {"type": ["array", "object"]}, "minItems": 1}
Rows = Annotated[Any, BeforeValidator(_rows), WithJsonSchema({"$comment": "list of rows", **_ROWS})]


class ObjectSpec(Model):
    """One object, or several objects with a counter `{n}` in the key."""

    key: ObjectKey = Field(
        description="Its key, up to 1,024 UTF-8 bytes. `{n}` or `{n:05}` counts from 1 to `count`."
    )
    size_bytes: ObjectSize | None = Field(
        default=None,
        alias="size",
        description="Its size. Without content, the size is only declared: the embedded engine stores no "
        "bytes.",
    )
    body: str | None = Field(
        default=None, description="Its content as text. The size is the number of bytes in UTF-8."
    )
    json_value: Any = Field(default=None, alias="json", description="Its content as any JSON.")
    jsonl: tuple[Any, ...] | None = Field(
        default=None, description="Its content as JSON Lines: one JSON value per line."
    )
    csv: Rows | None = Field(
        default=None,
        description="Its content as CSV: lists of cells (the first list may be the header), or mappings "
        "from columns to cells.",
    )
    file: CodePath | None = Field(
        default=None,
        description="Its content from a project file, up to 64 MiB, relative to this file.",
    )
    count: Annotated[int, Field(strict=True, ge=1, le=MOST_OBJECTS)] | None = Field(
        default=None,
        description="Number of objects that `{n}` in the key generates, up to 1,000,000,000,000.",
    )

    @property
    def has_content(self) -> bool:
        """Return whether the object has content, not only a size."""
        return any(key in self.model_fields_set for key in ("body", "json_value", "jsonl", "csv", "file"))

    def content(self, folder: Path) -> bytes | None:
        """Return the content; None if only the size is declared. Raises OSError if a file cannot be read.

        Paths are relative to `folder`.
        """
        if self.file is not None:
            return read_bytes(folder / self.file)
        if "json_value" in self.model_fields_set:
            return _json(self.json_value).encode()
        if self.jsonl is not None:
            return "".join(f"{_json(line)}\n" for line in self.jsonl).encode()
        if self.csv is not None:
            return _csv(self.csv).encode()
        return None if self.body is None else self.body.encode()

    def seeded(self, folder: Path = Path()) -> SeededObject:
        """Return the object or objects in the engine's format. Raises OSError in the same cases as
        `content`.
        """
        body = self.content(folder)
        size_bytes = len(body) if body is not None else self.size_bytes or 0
        return SeededObject(self.key, size_bytes, body, self.count)

    @property
    def declared_bytes(self) -> int:
        """The total size of the objects if they have no content."""
        keys = self.count if self.count is not None else 1
        return 0 if self.has_content else keys * (self.size_bytes or 0)


class BucketSpec(Model):
    """A bucket with its objects, or several identical buckets with a counter `{n}` in the name."""

    count: Annotated[int, Field(strict=True, ge=1, le=MOST_BUCKETS)] | None = Field(
        default=None,
        description="Number of buckets that `{n}` in the name generates, up to 1,000,000 (S3's quota).",
    )
    objects: tuple[ObjectSpec, ...] = Field(default=(), description="The objects in the bucket.")


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _csv(rows: Sequence[Any]) -> str:
    """Return rows as CSV with line feeds. Null becomes an empty cell, and true becomes `true`."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    if isinstance(rows[0], Mapping):
        writer.writerow(rows[0])
    for row in rows:
        writer.writerow(_cells(row.values() if isinstance(row, Mapping) else row))
    return text.getvalue()


def _cells(row: Any) -> Iterator[object]:
    for cell in row:
        yield str(cell).lower() if isinstance(cell, bool) else cell
