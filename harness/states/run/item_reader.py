"""ItemReader: reads a distributed Map's items from S3.

Rules: https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itemreader.html
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Final

from harness.json_types import Json, JsonObject

from ..asl import ItemReader
from ..errors import ITEM_READER_FAILED, RUNTIME, StateFailure
from ..files.csv_rows import csv_rows
from ..files.documents import file_items, file_text
from ..files.format import DataFormat
from ..payload import read_json
from ..query.scope import Scope
from ..time.fibers import Steps
from ..timestamps import parse_timestamp
from .control_flow import Flow
from .map_items import Item
from .s3_port import call_parameters, call_port

_MEMBERS: Final = {
    "ETag": "Etag",
    "Key": "Key",
    "LastModified": "LastModified",
    "Size": "Size",
    "StorageClass": "StorageClass",
}
"""Members of a listed item, and their names in the listing, in AWS's order."""
_INVENTORY: Final = "The object is not the manifest of an Amazon S3 inventory in the format CSV."


def read_items(flow: Flow, reader: ItemReader, scope: Scope, most: int) -> Steps[list[Item]]:
    """Read the items through the port. The fiber's value is the list of items.

    Args:
        most: the value of MaxItems; 0 reads all items.

    Raises:
        StateFailure: States.ItemReaderFailed.
        QueryError: a field of the reader cannot be evaluated.
    """
    parameters = call_parameters(reader.parameters, scope, ITEM_READER_FAILED)
    if most < 0:
        raise StateFailure(ITEM_READER_FAILED, "field MaxItems must be positive")
    source = _Source(flow, reader, parameters)
    items = yield from source.items(most)
    return items[:most] if most else items


class _Source:
    """The objects that an ItemReader reads."""

    def __init__(self, flow: Flow, reader: ItemReader, parameters: JsonObject) -> None:
        self._flow = flow
        self._reader = reader
        self._parameters = parameters
        self._bucket = str(parameters.get("Bucket", ""))

    def items(self, most: int) -> Steps[list[Item]]:
        """Read the items. Open only as many objects as needed to get `most` items."""
        if self._reader.resource.endswith(":listObjectsV2"):
            return (yield from self._listed(most))
        key = str(self._parameters.get("Key", ""))
        body = yield from self._body(self._parameters)
        if self._reader.manifest == "ATHENA_DATA":
            return (yield from self._of_files(_athena_files(body, key), self._reader.format, most))
        if self._reader.manifest == "S3_INVENTORY":
            bucket, keys, form = _inventory_files(body, self._reader.format)
            return (yield from self._of_files([(bucket, file) for file in keys], form, most))
        return self._parsed(body, self._bucket, key, self._reader.format)

    def _listed(self, most: int) -> Steps[list[Item]]:
        parameters = self._parameters
        items: list[Item] = []
        while True:
            page = yield from call_port(self._flow, self._reader.resource, parameters, ITEM_READER_FAILED)
            entries = _contents(page)
            if self._reader.flattens:
                files = [(self._bucket, str(entry.get("Key", ""))) for entry in entries if _has_data(entry)]
                left = most - len(items) if most else 0
                items += yield from self._of_files(files, self._reader.format, left)
            else:
                items += [Item(_metadata(entry), source=f"s3://{self._bucket}") for entry in entries]
            token = page.get("NextContinuationToken")
            if not page.get("IsTruncated") or token is None or (most and len(items) >= most):
                return items
            parameters = {**parameters, "ContinuationToken": token}

    def _of_files(self, files: list[tuple[str, str]], form: DataFormat, most: int) -> Steps[list[Item]]:
        """Read the items in several objects, passed as pairs of bucket and key."""
        items: list[Item] = []
        for bucket, key in files:
            body = yield from self._body({"Bucket": bucket, "Key": key})
            items += self._parsed(body, bucket, key, form)
            if most and len(items) >= most:
                break
        return items

    def _body(self, parameters: JsonObject) -> Steps[str]:
        resource = self._reader.resource.replace(":listObjectsV2", ":getObject")
        answer = yield from call_port(self._flow, resource, parameters, ITEM_READER_FAILED)
        body = answer.get("Body")
        if not isinstance(body, str):
            raise StateFailure(ITEM_READER_FAILED, "The response has no Body.")
        return body

    @staticmethod
    def _parsed(body: str, bucket: str, key: str, form: DataFormat) -> list[Item]:
        with _reading(key):
            read = file_items(body, key, form)
        return [Item(entry.value, entry.key, f"s3://{bucket}/{key}") for entry in read]


@contextmanager
def _reading(key: str) -> Iterator[None]:
    """Turn an error that occurs while reading an object into a failure of the state."""
    try:
        yield
    except ValueError as error:
        raise StateFailure(ITEM_READER_FAILED, str(error)) from None
    except ImportError:
        cause = f"{key} needs pyarrow: pip install 'stepfunctions-harness[parquet]'"
        raise StateFailure(RUNTIME, cause, fatal=True) from None


def _contents(page: JsonObject) -> list[JsonObject]:
    if "Contents" not in page and "IsTruncated" not in page:
        raise StateFailure(ITEM_READER_FAILED, "The response is not a listing.")
    contents = page.get("Contents", [])
    if not isinstance(contents, list):
        raise StateFailure(ITEM_READER_FAILED, "The listing is not an array.")
    entries = [entry for entry in contents if isinstance(entry, dict)]
    if len(entries) < len(contents):
        raise StateFailure(ITEM_READER_FAILED, "An entry of the listing is not an object.")
    return entries


def _has_data(entry: JsonObject) -> bool:
    """Return whether a listed object is not a folder. The console creates folders as empty objects."""
    return bool(entry.get("Size", 1)) or not str(entry.get("Key", "")).endswith("/")


def _metadata(entry: JsonObject) -> JsonObject:
    """Return a listed object as a Map item: `Etag`, and LastModified in seconds since 1970."""
    item: JsonObject = {shown: entry[name] for name, shown in _MEMBERS.items() if name in entry}
    moment = parse_timestamp(entry.get("LastModified"))
    return item if moment is None else {**item, "LastModified": int(moment)}


def _athena_files(manifest: str, name: str) -> list[tuple[str, str]]:
    """Read the manifest that Athena writes for UNLOAD, with one file address per line.

    Raises:
        StateFailure: the manifest cannot be read, or a line is not an address.
    """
    with _reading(name):
        addresses = [row[0].strip() for row in csv_rows(file_text(manifest, name), ",")]
    return [_file_at(address) for address in addresses]


def _file_at(address: str) -> tuple[str, str]:
    scheme, _, place = address.partition("://")
    bucket, _, key = place.partition("/")
    if scheme.lower() != "s3" or not bucket or not key:
        cause = f"The manifest has a line that is not the address of an S3 object: {address}"
        raise StateFailure(ITEM_READER_FAILED, cause)
    return bucket, key


def _inventory_files(manifest: str, form: DataFormat) -> tuple[str, list[str], DataFormat]:
    """Read the manifest.json of an S3 inventory: its bucket, the keys of its files, and their format.

    Raises:
        StateFailure: the file is not such a manifest.
    """
    try:
        read: Json = read_json(manifest)
    except ValueError:
        read = None
    if not isinstance(read, dict) or read.get("fileFormat") != "CSV":
        raise StateFailure(ITEM_READER_FAILED, _INVENTORY)
    schema, bucket, files = read.get("fileSchema"), read.get("destinationBucket"), read.get("files")
    if not isinstance(schema, str) or not isinstance(bucket, str) or not isinstance(files, list):
        raise StateFailure(ITEM_READER_FAILED, _INVENTORY)
    keys = [str(file.get("key", "")) if isinstance(file, dict) else "" for file in files]
    headers = tuple(name.strip() for name in schema.split(","))
    return bucket.rpartition(":")[2], keys, replace(form, input_type="CSV", headers=headers)
