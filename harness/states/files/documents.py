"""Readers for the items in a data file, one for each InputType."""

from __future__ import annotations

import io
import zlib
from typing import Final, NamedTuple

from harness.json_types import Json

from ..payload import read_json
from .csv_rows import csv_items
from .format import DataFormat
from .parquet import parquet_rows, unpacked_zstd

MOST_UNPACKED: Final = 256 << 20
"""Maximum size of a decompressed file, in bytes. A harness limit: AWS accepts larger files."""
_NOT_ITERABLE: Final = "Attempting to map over non-iterable node."
_NO_SUCH_PATH: Final = (
    "The provided ReaderConfig.ItemsPointer does not match any valid path in the JSON structure."
)
"""AWS's messages, as recorded."""


class Entry(NamedTuple):
    """An item in a file. `key` is its name in a JSON object; None for other items."""

    value: Json
    key: str | None = None


def file_items(body: str, name: str, form: DataFormat) -> list[Entry]:
    """Read the items in a file.

    Args:
        body: the content, decoded from UTF-8 with `surrogateescape`.
        name: the object's key. The suffix `.gz`, `.gzip`, `.zst` or `.zstd` selects a compression.

    Raises:
        ValueError: the file does not have this format. The message is the cause that AWS reports, if that is
            known.
    """
    if form.input_type == "PARQUET":
        return [Entry(row) for row in parquet_rows(_content(body))]
    text = file_text(body, name)
    if form.input_type == "CSV":
        return [Entry(item) for item in csv_items(text, form.delimiter, form.headers)]
    if form.input_type == "JSONL":
        return [Entry(_json(line)) for line in text.split("\n") if line.strip()]
    return entries(pointed(_json(text.removeprefix("\ufeff")), form.items_pointer))


def file_text(body: str, name: str) -> str:
    """Return the decompressed text of a file, in the form that `file_items` expects.

    Raises:
        ValueError: the name has the suffix of a compressed file, but the file is not compressed.
    """
    return unpacked(_content(body), name).decode("utf-8", "replace")


def _content(body: str) -> bytes:
    return body.encode("utf-8", "surrogateescape")


def _json(text: str) -> Json:
    try:
        return read_json(text)
    except ValueError as error:
        raise ValueError(f"The items cannot be parsed as JSON: {error}") from None


def entries(value: Json) -> list[Entry]:
    """Return the items of an array, or the members of an object.

    Raises:
        ValueError: the value is neither an array nor an object.
    """
    if isinstance(value, list):
        return [Entry(item) for item in value]
    if isinstance(value, dict):
        return [Entry(item, key) for key, item in value.items()]
    raise ValueError(_NOT_ITERABLE)


def pointed(value: Json, pointer: str) -> Json:
    """Resolve a JSON Pointer: https://www.rfc-editor.org/rfc/rfc6901.

    Raises:
        ValueError: the pointer does not match a value.
    """
    first, *names = pointer.split("/")
    if first:
        raise ValueError(_NO_SUCH_PATH)
    for escaped in names:
        name = escaped.replace("~1", "/").replace("~0", "~")
        if isinstance(value, dict) and name in value:
            value = value[name]
        elif isinstance(value, list) and _is_index(name) and int(name) < len(value):
            value = value[int(name)]
        else:
            raise ValueError(_NO_SUCH_PATH)
    return value


def _is_index(name: str) -> bool:
    return name.isascii() and name.isdigit() and len(name) < 10 and (name == "0" or name[0] != "0")


def unpacked(content: bytes, name: str) -> bytes:
    """Decompress a file if its name has the suffix of a compressed file.

    Raises:
        ValueError: the file is not compressed, or is too large.
    """
    ending = name.rpartition(".")[2].lower()
    if ending in ("zst", "zstd"):
        data = unpacked_zstd(content, MOST_UNPACKED + 1)
    elif ending in ("gz", "gzip"):
        data = _gunzipped(content, name)
    else:
        return content
    if len(data) > MOST_UNPACKED:
        large = "is larger than 256 MiB when decompressed, the harness limit: split it"
        raise ValueError(f"The object {name} {large}")
    return data


def _gunzipped(content: bytes, name: str) -> bytes:
    import gzip  # noqa: PLC0415 - few machines read compressed files

    try:
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as stream:
            return stream.read(MOST_UNPACKED + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise ValueError(f"The object {name} cannot be decompressed: {error}") from None
