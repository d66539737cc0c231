"""The fields that only a Map state has."""

from __future__ import annotations

from typing import Final, TypedDict

from harness.json_types import Json, JsonObject

from ..asl import ItemBatcher, ItemReader, ResultWriter
from ..query.expressions import Expression
from .computed_fields import read_number
from .source import Source

MAX_ITEMS: Final = 100_000_000
"""https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itemreader.html"""
_INPUT_TYPES: Final = ("JSON", "JSONL", "CSV")
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


def processor_field(source: Source) -> str:
    """Give the name of the field that holds the processor; Iterator is the older one."""
    return "Iterator" if "Iterator" in source and "ItemProcessor" not in source else "ItemProcessor"


def map_fields(source: Source) -> MapFields:
    """Read the fields."""
    # Before ItemSelector, Parameters was computed for each item.
    selector = "ItemSelector" if "ItemSelector" in source or source.jsonata else "Parameters"
    return {
        "distributed": _is_distributed(source),
        "items": source.template("Items") if source.jsonata else source.path("ItemsPath"),
        "item_selector": source.template(selector),
        "item_reader": _reader(source.inner("ItemReader")),
        "result_writer": _writer(source.inner("ResultWriter")),
        "item_batcher": _batcher(source.inner("ItemBatcher")),
        "max_concurrency": read_number(source, "MaxConcurrency", minimum=0, maximum=2**63 - 1),
        "tolerated_failure_count": read_number(source, "ToleratedFailureCount", minimum=0),
        "tolerated_failure_percentage": read_number(
            source, "ToleratedFailurePercentage", minimum=0, maximum=100, fractions=True
        ),
        "label": source.text("Label"),
    }


def _is_distributed(source: Source) -> bool:
    processor = source.get(processor_field(source))
    if not isinstance(processor, dict):
        return False
    config = processor.get("ProcessorConfig", {})
    if not isinstance(config, dict):
        source.refuse("The value must be an object", f"{processor_field(source)}/ProcessorConfig")
        return False
    return config.get("Mode") == "DISTRIBUTED"


def _reader(reader: Source | None) -> ItemReader | None:
    if reader is None:
        return None
    config = reader.inner("ReaderConfig")
    most = None
    if config is not None:
        if config.get("InputType") not in (None, *_INPUT_TYPES):
            reader.problems.unsupported(f"InputType {config.get('InputType')}", config.place("InputType"))
        most = read_number(config, "MaxItems", minimum=0, maximum=MAX_ITEMS)
    fields: JsonObject = {} if config is None else config.fields
    return ItemReader(*_call(reader), fields, most)


def _writer(writer: Source | None) -> ResultWriter | None:
    if writer is None:
        return None
    config = writer.inner("WriterConfig")
    if config is not None:
        for name, value in config.fields.items():
            if (name, value) not in _WRITER_CONFIG:
                writer.problems.unsupported(f"{name} {value}", config.place(name))
    if "Resource" not in writer:
        writer.problems.unsupported("A ResultWriter without Resource", writer.location)
    return ResultWriter(*_call(writer))


def _call(source: Source) -> tuple[str, Expression[Json] | None]:
    """Read the Resource, and its Parameters or Arguments."""
    return source.text("Resource") or "", source.template("Arguments" if source.jsonata else "Parameters")


def _batcher(batcher: Source | None) -> ItemBatcher | None:
    if batcher is None:
        return None
    return ItemBatcher(
        read_number(batcher, "MaxItemsPerBatch", minimum=1),
        read_number(batcher, "MaxInputBytesPerBatch", minimum=1),
        batcher.template("BatchInput"),
    )
