"""A distributed Map's ItemReader.

Rules: https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itemreader.html
"""

from __future__ import annotations

from typing import Final

from harness.json_types import Json

from ..asl import ItemReader
from ..files.format import DataFormat
from ..files.parquet import parquet_reader_is_there
from ..query.jsonata.expression import is_expression
from ..resource import Resource
from .allowed_fields import ITEM_READER, READER_CONFIG
from .computed_fields import read_number
from .integrations import Integrations
from .s3_call import read_s3_call
from .source import Source

MAX_ITEMS: Final = 100_000_000
"""Maximum value of MaxItems."""
DELIMITERS: Final = {"COMMA": ",", "PIPE": "|", "SEMICOLON": ";", "SPACE": " ", "TAB": "\t"}
"""CSVDelimiter values and their characters."""
_FILES: Final = ("CSV", "JSON", "JSONL", "PARQUET")
_FILES_OF_ATHENA: Final = ("CSV", "JSONL", "PARQUET")


def read_item_reader(
    reader: Source | None, integrations: Integrations | None
) -> tuple[ItemReader | None, str | None]:
    """Read ItemReader. Also return the unsupported AWS feature that it uses, or None."""
    if reader is None:
        return None, None
    reader.allow(ITEM_READER)
    resource, parameters = read_s3_call(reader, integrations, "getObject", "listObjectsV2")
    config = reader.inner("ReaderConfig") or Source({}, reader.place("ReaderConfig"), reader.problems)
    config.refuse_foreign()
    config.allow(READER_CONFIG)
    manifest = _manifest(config)
    flattens = _flattens(config)
    read = ItemReader(
        resource,
        parameters,
        _format(config, manifest),
        read_number(config, "MaxItems", minimum=0, maximum=MAX_ITEMS),
        manifest,
        flattens,
    )
    return read, _not_served(read, config)


def _manifest(config: Source) -> str | None:
    kind = config.one_of("ManifestType", "S3_INVENTORY", "ATHENA_DATA")
    if kind == "S3_INVENTORY" and "InputType" in config:
        config.refuse("Field 'InputType' is not supported")
    if kind == "ATHENA_DATA":
        config.require("InputType")
        config.one_of("InputType", *_FILES_OF_ATHENA)
    elif config.one_of("InputType", *_FILES, "MANIFEST") == "MANIFEST":
        return "S3_INVENTORY"
    return kind


def _flattens(config: Source) -> bool:
    if config.one_of("Transformation", "NONE", "LOAD_AND_FLATTEN") != "LOAD_AND_FLATTEN":
        return False
    config.require("InputType")
    config.one_of("InputType", *_FILES)
    return True


def _format(config: Source, manifest: str | None) -> DataFormat:
    kind = config.get("InputType")
    location = config.one_of("CSVHeaderLocation", "FIRST_ROW", "GIVEN")
    delimiter = config.one_of("CSVDelimiter", *DELIMITERS) or "COMMA"
    if kind == "CSV" and manifest is None and "CSVHeaderLocation" not in config:
        config.refuse("The field 'CSVHeaderLocation' is required")
    if kind in ("JSON", "JSONL", "PARQUET") and "CSVHeaderLocation" in config:
        config.refuse("Field 'CSVHeaderLocation' is not supported")
    if kind not in (None, "JSON") and "ItemsPointer" in config:
        config.refuse("Field 'ItemsPointer' is not supported")
    if location == "GIVEN":
        config.require("CSVHeaders")
    headers = _headers(config) if location == "GIVEN" else None
    pointer = config.text("ItemsPointer") or ""
    return DataFormat(str(kind or "JSON"), DELIMITERS[delimiter], headers, pointer)


def _headers(config: Source) -> tuple[str, ...] | None:
    headers: Json = config.get("CSVHeaders")
    if headers is None:
        return None
    if isinstance(headers, list) and headers and all(isinstance(name, str) for name in headers):
        return tuple(str(name) for name in headers)
    config.refuse("The value must be an array with at least one string", "CSVHeaders")
    return None


def _not_served(reader: ItemReader, config: Source) -> str | None:
    kind = reader.format.input_type
    if reader.flattens and Resource.of(reader.resource).name != "listObjectsV2":
        return "Transformation LOAD_AND_FLATTEN in an ItemReader that does not use listObjectsV2"
    if reader.manifest == "ATHENA_DATA" and kind == "CSV" and "CSVHeaderLocation" not in config:
        return "ManifestType ATHENA_DATA for CSV files without CSVHeaderLocation"
    if is_expression(config.get("ItemsPointer")):
        return "ItemsPointer as a JSONata expression"
    if kind == "PARQUET" and not parquet_reader_is_there():
        return "InputType PARQUET without `pip install 'stepfunctions-harness[parquet]'`"
    return None
