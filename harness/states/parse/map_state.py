"""Fields that only Map states have."""

from __future__ import annotations

import re
from typing import Final, TypedDict

from harness.json_types import Json

from ..asl import ItemBatcher, ItemReader, ResultWriter
from ..query.expressions import Expression
from .allowed_fields import ITEM_BATCHER, PROCESSOR_CONFIG
from .computed_fields import read_number
from .integrations import Integrations
from .item_reader import read_item_reader
from .result_writer import read_result_writer
from .source import Source

# https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html
_LABEL_LENGTH: Final = 40
_LABEL: Final = re.compile(r"[^\s\x00-\x1f\x7f-\x9f?*<>{}\[\]:;,\\|^~$#%&`\"]{1,40}")


class MapFields(TypedDict):
    """The arguments that are specific to `asl.Map`, except its processor."""

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
    """Return the name of the field that contains the processor. Iterator is the older name."""
    return "Iterator" if "Iterator" in source and "ItemProcessor" not in source else "ItemProcessor"


def map_fields(source: Source, integrations: Integrations | None) -> MapFields:
    """Read the fields that only Map states have.

    Args:
        integrations: the integrations that check the parameters of calls; None to skip this check.
    """
    # Without ItemSelector, Parameters is computed for each item.
    selector = "ItemSelector" if "ItemSelector" in source or source.jsonata else "Parameters"
    source.at_most_one("ItemSelector", "Parameters")
    distributed = _is_distributed(source)
    if not distributed:
        for field in ("ItemReader", "ItemBatcher", "ResultWriter", "Label"):
            if field in source:
                source.refuse(f"Field '{field}' is not supported")
    reader, not_served = read_item_reader(source.inner("ItemReader"), integrations)
    return {
        "distributed": distributed,
        "items": source.template("Items") if source.jsonata else _items_path(source),
        "item_selector": source.template(selector),
        "item_reader": reader,
        "result_writer": read_result_writer(source.inner("ResultWriter"), integrations),
        "item_batcher": _batcher(source.inner("ItemBatcher")),
        "max_concurrency": read_number(source, "MaxConcurrency", minimum=0, maximum=2**63 - 1),
        "tolerated_failure_count": read_number(source, "ToleratedFailureCount", minimum=0),
        "tolerated_failure_percentage": read_number(
            source, "ToleratedFailurePercentage", minimum=0, maximum=100, fractions=True
        ),
        "label": _label(source),
        "not_served": not_served,
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


def _batcher(batcher: Source | None) -> ItemBatcher | None:
    if batcher is None:
        return None
    batcher.refuse_foreign()
    batcher.allow(ITEM_BATCHER)
    return ItemBatcher(
        read_number(batcher, "MaxItemsPerBatch", minimum=1),
        read_number(batcher, "MaxInputBytesPerBatch", minimum=1),
        batcher.template("BatchInput"),
    )
