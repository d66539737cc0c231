"""The manifest.json of an S3 Inventory report: the columns, and the files with their checksums.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-inventory-location.html
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from harness.files import is_file, read_text
from harness.inventory.csv_rows import check_columns
from harness.inventory.model import Refused

_DOWNLOAD: Final = "aws s3 cp --recursive s3://DESTINATION/.../data data"
_CHUNK: Final = 1 << 20
_ABOVE: Final = 6
"""Number of parent folders of the manifest to search for its files: prefix/bucket/configuration/time."""


@dataclass(frozen=True)
class Part:
    """A file in an inventory. `md5` is "" if the manifest has none."""

    path: Path
    md5: str


@dataclass(frozen=True)
class Manifest:
    """An inventory. `columns` apply to CSV only, because the other formats contain their column names."""

    form: str
    columns: Sequence[str]
    parts: Sequence[Part]


def read_manifest(path: Path) -> Manifest:
    """Read a manifest, and find its files next to it.

    Raises:
        Refused: it is not a manifest, or one of its files is missing.
    """
    try:
        made = json.loads(read_text(path))
        form, schema, files = str(made["fileFormat"]), str(made["fileSchema"]), made["files"]
        named = [(str(each["key"]), str(each.get("MD5checksum") or "")) for each in files]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        how = f"lacks {error}" if isinstance(error, KeyError) else f"cannot be read: {error}"
        remedy = "use the manifest.json from an S3 Inventory, unchanged after the download"
        raise Refused(f"{path}:1:1: the manifest {how}; {remedy}") from None
    if form.lower() not in ("csv", "parquet", "orc"):
        raise Refused(f"{path}:1:1: unknown format {form!r}; an inventory is CSV, Parquet or ORC")
    columns = [name.strip() for name in schema.split(",")] if form.lower() == "csv" else []
    if columns:
        check_columns(columns, f"{path}:1:1")
    parts = [Part(_found(path, key), md5) for key, md5 in named]
    return Manifest(form.lower(), columns, parts)


def check_whole(part: Part) -> None:
    """Verify a file's checksum. Raises Refused if it differs."""
    if not part.md5:
        return
    made = hashlib.md5(usedforsecurity=False)
    with part.path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            made.update(chunk)
    if made.hexdigest() != part.md5.lower():
        raise Refused(f"{part.path}: its MD5 differs from the manifest; download it again")


def _found(manifest: Path, key: str) -> Path:
    """Find the file for a key: next to the manifest, or in a copy of the whole destination bucket."""
    pure = PurePosixPath(key)
    folder = manifest.resolve().parent
    name = pure.name
    near = [folder / name, folder / "data" / name, folder.parent / "data" / name]
    whole = (
        []
        if ".." in pure.parts or pure.is_absolute()
        else [above / pure for above in (folder, *folder.parents[:_ABOVE])]
    )
    for path in (*near, *whole):
        if is_file(path):
            return path
    remedy = f"download it next to the manifest: {_DOWNLOAD}"
    raise Refused(f"{manifest}:1:1: its file {name} was not found next to it or in a folder data; {remedy}")
