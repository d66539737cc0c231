"""The fields that only a Map state has."""

from __future__ import annotations

import re
from typing import Final, TypedDict

from harness.json_types import Json

from ..asl import ItemBatcher, ItemReader, ResultWriter
from ..query.expressions import Expression
from ..resource import Resource
from .allowed_fields import (
    ITEM_BATCHER,
    ITEM_READER,
    PROCESSOR_CONFIG,
    READER_CONFIG,
    RESULT_WRITER,
    WRITER_CONFIG,
)
from .computed_fields import read_number
from .source import Source

MAX_ITEMS: Final = 100_000_000
"""https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itemreader.html"""
_INPUT_TYPES: Final = ("CSV", "JSON", "JSONL")
_OTHER_INPUT_TYPES: Final = ("MANIFEST", "PARQUET")
_READERS: Final = ("getObject", "listObjectsV2")
_WRITERS: Final = ("putObject",)
DELIMITERS: Final = {"COMMA": ",", "PIPE": "|", "SEMICOLON": ";", "SPACE": " ", "TAB": "\t"}
"""The values of CSVDelimiter, and what they stand for."""
# https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html
_LABEL_LENGTH: Final = 40
_LABEL: Final = re.compile(r"[^\s\x00-\x1f\x7f-\x9f?*<>{}\[\]:;,\\|^~$#%&`\"]{1,40}")
_WRITER_CONFIG: Final = (("Transformation", "NONE"), ("OutputType", "JSON"))


class MapFields(TypedDict):
    """The arguments that `asl.Map` has beyond those of other states, without its processor."""

    distributed: bool
    items: Expression[Json] | None
    item_selector: Expression[Json] | None
    item_reader: ItemReader | None
    result_writer: ResultWriter | None
    item_batcher: ItemBatcher | None
    max_concurrency: Expression[float] | None
    tolerated_failure_count: Expression[float] | None
    tolerated_failure_percentage: Expression[float] | None
    label: str | None
    not_served: str | None


def processor_field(source: Source) -> str:
    """Give the name of the field that holds the processor; Iterator is the older one."""
    return "Iterator" if "Iterator" in source and "ItemProcessor" not in source else "ItemProcessor"


def map_fields(source: Source) -> MapFields:
    """Read the fields."""
    # Before ItemSelector, Parameters was computed for each item.
    selector = "ItemSelector" if "ItemSelector" in source or source.jsonata else "Parameters"
    source.at_most_one("ItemSelector", "Parameters")
    distributed = _is_distributed(source)
    if not distributed:
        for field in ("ItemReader", "ItemBatcher", "Label"):
            if field in source:
                source.refuse(f"Field '{field}' is not supported")
    reader, lacking = _reader(source.inner("ItemReader"))
    writer, not_written = _writer(source.inner("ResultWriter"))
    return {
        "distributed": distributed,
        "items": source.template("Items") if source.jsonata else _items_path(source),
        "item_selector": source.template(selector),
        "item_reader": reader,
        "result_writer": writer,
        "item_batcher": _batcher(source.inner("ItemBatcher")),
        "max_concurrency": read_number(source, "MaxConcurrency", minimum=0, maximum=2**63 - 1),
        "tolerated_failure_count": read_number(source, "ToleratedFailureCount", minimum=0),
        "tolerated_failure_percentage": read_number(
            source, "ToleratedFailurePercentage", minimum=0, maximum=100, fractions=True
        ),
        "label": _label(source),
        "not_served": lacking or not_written,
    }


def _items_path(source: Source) -> Expression[Json] | None:
    path = source.path("ItemsPath")
    if path is None and source.get("ItemsPath") is None:
        source.refuse("Value must be a valid JSONPath.", "ItemsPath")
    elif path is not None and not path.path.is_reference:
        source.refuse("Value is not a Reference Path", "ItemsPath")
    return path


def _label(source: Source) -> str | None:
    label = source.text("Label")
    if label is None or _LABEL.fullmatch(label):
        return label
    reason = "is empty or contains invalid characters"
    if len(label) > _LABEL_LENGTH:
        reason = f"exceeds the {_LABEL_LENGTH}-character limit allowed by the service"
    source.problems.add("INVALID_LABEL_NAME", f"Label name '{label}' {reason}", source.place("Label"))
    return None


def _is_distributed(source: Source) -> bool:
    field = processor_field(source)
    processor = source.inner(field) if isinstance(source.get(field), dict) else None
    config = None if processor is None else processor.inner("ProcessorConfig")
    if config is None:
        return False
    config.allow(PROCESSOR_CONFIG)
    mode = config.one_of("Mode", "INLINE", "DISTRIBUTED")
    config.one_of("ExecutionType", "STANDARD", "EXPRESS")
    if mode == "DISTRIBUTED":
        config.require("ExecutionType")
    elif mode == "INLINE" and "ExecutionType" in config:
        config.refuse("Field 'ExecutionType' is not supported")
    return mode == "DISTRIBUTED"


def _reader(reader: Source | None) -> tuple[ItemReader | None, str | None]:
    """Read ItemReader; gives, too, what of it AWS does and this interpreter does not."""
    if reader is None:
        return None, None
    reader.allow(ITEM_READER)
    config = reader.inner("ReaderConfig")
    if config is None:
        return ItemReader(*_call(reader, _READERS), {}, None), None
    config.allow(READER_CONFIG)
    kind = config.one_of("InputType", *_INPUT_TYPES, *_OTHER_INPUT_TYPES)
    _check_csv(config, kind)
    most = read_number(config, "MaxItems", minimum=0, maximum=MAX_ITEMS)
    lacking = f"InputType {kind}" if kind in _OTHER_INPUT_TYPES else None
    if config.get("Transformation") not in (None, "NONE"):
        lacking = f"Transformation {config.get('Transformation')}"
    if "ItemsPointer" in config:
        lacking = "ItemsPointer"
    return ItemReader(*_call(reader, _READERS), config.fields, most), lacking


def _check_csv(config: Source, kind: str | None) -> None:
    location = config.one_of("CSVHeaderLocation", "FIRST_ROW", "GIVEN")
    config.one_of("CSVDelimiter", *DELIMITERS)
    if kind == "CSV" and "CSVHeaderLocation" not in config:
        config.refuse("The field 'CSVHeaderLocation' is required")
    if kind in ("JSON", "JSONL") and "CSVHeaderLocation" in config:
        config.refuse("Field 'CSVHeaderLocation' is not supported")
    if location == "GIVEN":
        config.require("CSVHeaders")


def _writer(writer: Source | None) -> tuple[ResultWriter | None, str | None]:
    """Read ResultWriter; gives, too, what of it AWS does and this interpreter does not."""
    if writer is None:
        return None, None
    writer.allow(RESULT_WRITER)
    config = writer.inner("WriterConfig")
    lacking = None if "Resource" in writer else "A ResultWriter without Resource"
    if config is not None:
        config.allow(WRITER_CONFIG)
        config.one_of("Transformation", "NONE", "COMPACT", "FLATTEN")
        config.one_of("OutputType", "JSON", "JSONL")
        for name, value in config.fields.items():
            if name in WRITER_CONFIG and (name, value) not in _WRITER_CONFIG:
                lacking = f"{name} {value}"
    return ResultWriter(*_call(writer, _WRITERS)), lacking


def _call(source: Source, actions: tuple[str, ...]) -> tuple[str, Expression[Json] | None]:
    """Read the Resource, which must be one of these actions of S3, and its Parameters or Arguments."""
    text = source.text("Resource") or ""
    resource = Resource.of(text)
    if text and (resource.type != "s3" or resource.name not in actions):
        source.refuse("The field 'Resource' does not match any of the allowed values", "Resource")
    return text, source.template("Arguments" if source.jsonata else "Parameters")


def _batcher(batcher: Source | None) -> ItemBatcher | None:
    if batcher is None:
        return None
    batcher.allow(ITEM_BATCHER)
    return ItemBatcher(
        read_number(batcher, "MaxItemsPerBatch", minimum=1),
        read_number(batcher, "MaxInputBytesPerBatch", minimum=1),
        batcher.template("BatchInput"),
    )
