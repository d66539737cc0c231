"""Where a distributed Map gets its items from: ItemReader and ItemBatcher."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from .asl import ItemBatcher, ItemReader
from .errors import ITEM_READER_FAILED, QueryError, StateFailure
from .fibers import Signal, Steps
from .flow import Flow
from .json_value import Json, Value
from .ports import Outcome, TaskFailed, TaskRequest, TaskSucceeded
from .scope import Scope


def read_items(flow: Flow, reader: ItemReader, scope: Scope) -> Steps:
    """Read the items through the port; the fiber's value is their list.

    The port answers `s3:getObject` with `{"Body": text}` and `s3:listObjectsV2` with `{"Contents": [...]}`.

    Raises:
        StateFailure: States.ItemReaderFailed.
    """
    parameters = {} if reader.parameters is None else reader.parameters.evaluate(scope)
    name = flow.state.name if flow.state else ""
    signal = Signal()
    request = TaskRequest(reader.resource, parameters, flow.execution.arn, name, 0)
    flow.world.scheduler.await_work(flow.world.port.start(request), signal.set)
    outcome: Outcome = yield signal
    if isinstance(outcome, TaskFailed):
        raise StateFailure(ITEM_READER_FAILED, outcome.cause)
    output = outcome.output if isinstance(outcome, TaskSucceeded) else {}
    try:
        items = _parse(output, reader.config)
    except (ValueError, KeyError, TypeError):
        raise StateFailure(ITEM_READER_FAILED, "Attempting to parse the items failed") from None
    most = reader.config.get("MaxItems")
    return items[:most] if isinstance(most, int) else items


def _parse(output: Any, config: Mapping[str, Any]) -> list[Value]:
    if "Contents" in output:
        return list(output["Contents"])
    body = str(output["Body"])
    kind = config.get("InputType", "JSON")
    if kind == "CSV":
        return _parse_csv(body, config)
    if kind == "JSONL":
        return [json.loads(line) for line in body.splitlines() if line.strip()]
    value = json.loads(body)
    if isinstance(value, dict):
        return [{"Key": key, "Value": item} for key, item in value.items()]
    if not isinstance(value, list):
        raise TypeError("the items are not an array")
    return value


def _parse_csv(body: str, config: Mapping[str, Any]) -> list[Value]:
    import csv  # noqa: PLC0415 - few machines read CSV, and the package must start fast

    rows = [row for row in csv.reader(body.splitlines(keepends=True)) if row]
    given = config.get("CSVHeaderLocation") == "GIVEN"
    headers = list(config["CSVHeaders"]) if given else rows.pop(0)
    return [dict(zip(headers, row + [""] * (len(headers) - len(row)), strict=False)) for row in rows]


def batches(batcher: ItemBatcher, items: list[Value], scope: Scope) -> list[Value]:
    """The items put together as `{"Items": [...], "BatchInput": ...}`."""
    most = None if batcher.max_items is None else int(batcher.max_items.evaluate(scope))
    bytes_most = None if batcher.max_bytes is None else int(batcher.max_bytes.evaluate(scope))
    if most is None and bytes_most is None:
        raise QueryError("ItemBatcher needs MaxItemsPerBatch or MaxInputBytesPerBatch")
    extra = {} if batcher.batch_input is None else {"BatchInput": batcher.batch_input.evaluate(scope)}
    groups: list[list[Value]] = []
    for item in items:
        fits = bool(groups) and (most is None or len(groups[-1]) < most)
        if fits and bytes_most is not None:
            fits = Json({**extra, "Items": [*groups[-1], item]}).size_bytes <= bytes_most
        if fits:
            groups[-1].append(item)
        else:
            groups.append([item])
    return [{**extra, "Items": group} for group in groups]
