"""The fields of a Map state."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ..asl import ItemBatcher, ItemReader, QueryLanguage, ResultWriter
from ..query.template import Expression
from . import allowed_fields as fields
from .computed_fields import read_number
from .readers import Object, optional_text, read_jsonata, read_path, read_template

if TYPE_CHECKING:
    from .states import WorkflowParser

MAX_ITEMS: Final = (
    100_000_000  # https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itemreader.html
)
_INPUT_TYPES: Final = ("JSON", "JSONL", "CSV")
_WRITER_CONFIG: Final = (("Transformation", "NONE"), ("OutputType", "JSON"))


def map_fields(parser: WorkflowParser, source: Object, location: str, common: Object) -> Object:
    """The arguments that `asl.Map` has beyond those of other states."""
    problems = parser.problems
    jsonata = common["query_language"] is QueryLanguage.JSONATA
    field = "ItemProcessor" if "ItemProcessor" in source else "Iterator"
    if field not in source:
        problems.schema("These fields are required: [ItemProcessor]", location)
    processor = parser.inner(source.get(field, {}), f"{location}/{field}", fields.PROCESSOR)
    config = source[field].get("ProcessorConfig", {}) if isinstance(source.get(field), dict) else {}
    # Before ItemSelector, Parameters was computed for each item.
    selector = "ItemSelector" if "ItemSelector" in source or jsonata else "Parameters"
    read = read_jsonata if jsonata else read_template

    def number(name: str, **bounds: Any) -> Expression | None:
        return read_number(source, name, location, problems, jsonata=jsonata, minimum=0, **bounds)

    return {
        "processor": processor,
        "distributed": config.get("Mode") == "DISTRIBUTED",
        "items": _items(parser, source, location, jsonata=jsonata),
        "item_selector": read(source, selector, location, problems),
        "item_reader": _reader(parser, source, location, jsonata=jsonata),
        "result_writer": _writer(parser, source, location, jsonata=jsonata),
        "item_batcher": _batcher(parser, source, location, jsonata=jsonata),
        "max_concurrency": number("MaxConcurrency", maximum=2**63 - 1),
        "tolerated_failure_count": number("ToleratedFailureCount"),
        "tolerated_failure_percentage": number("ToleratedFailurePercentage", maximum=100, fractions=True),
        "label": optional_text(source, "Label", location, problems),
    }


def _items(parser: WorkflowParser, source: Object, location: str, *, jsonata: bool) -> Expression | None:
    if jsonata:
        return read_jsonata(source, "Items", location, parser.problems)
    return read_path(source, "ItemsPath", location, parser.problems)


def _reader(parser: WorkflowParser, source: Object, location: str, *, jsonata: bool) -> ItemReader | None:
    reader = source.get("ItemReader")
    if not isinstance(reader, dict):
        return None
    place = f"{location}/ItemReader"
    config = reader.get("ReaderConfig", {})
    if config.get("InputType") not in (None, *_INPUT_TYPES):
        parser.problems.unsupported(f"InputType {config['InputType']}", f"{place}/ReaderConfig/InputType")
    most = read_number(
        config,
        "MaxItems",
        f"{place}/ReaderConfig",
        parser.problems,
        jsonata=jsonata,
        minimum=0,
        maximum=MAX_ITEMS,
    )
    return ItemReader(*_call(parser, reader, place, jsonata=jsonata), config, most)


def _writer(parser: WorkflowParser, source: Object, location: str, *, jsonata: bool) -> ResultWriter | None:
    writer = source.get("ResultWriter")
    if not isinstance(writer, dict):
        return None
    place = f"{location}/ResultWriter"
    for name, value in writer.get("WriterConfig", {}).items():
        if (name, value) not in _WRITER_CONFIG:
            parser.problems.unsupported(f"{name} {value}", f"{place}/WriterConfig/{name}")
    if "Resource" not in writer:
        parser.problems.unsupported("A ResultWriter without Resource", place)
    return ResultWriter(*_call(parser, writer, place, jsonata=jsonata))


def _call(
    parser: WorkflowParser, source: Object, place: str, *, jsonata: bool
) -> tuple[str, Expression | None]:
    """The Resource, and its Parameters or Arguments."""
    arguments = "Arguments" if jsonata else "Parameters"
    read = read_jsonata if jsonata else read_template
    resource = optional_text(source, "Resource", place, parser.problems) or ""
    return resource, read(source, arguments, place, parser.problems)


def _batcher(parser: WorkflowParser, source: Object, location: str, *, jsonata: bool) -> ItemBatcher | None:
    batcher = source.get("ItemBatcher")
    if not isinstance(batcher, dict):
        return None
    place = f"{location}/ItemBatcher"
    read = read_jsonata if jsonata else read_template

    def number(name: str) -> Expression | None:
        return read_number(batcher, name, place, parser.problems, jsonata=jsonata, minimum=1)

    return ItemBatcher(
        number("MaxItemsPerBatch"),
        number("MaxInputBytesPerBatch"),
        read(batcher, "BatchInput", place, parser.problems),
    )
