"""Where a distributed Map gets its items from: ItemReader and ItemBatcher."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from harness.json_types import Json

from ..asl import ItemBatcher, ItemReader
from ..errors import ITEM_READER_FAILED, QueryError, StateFailure
from ..payload import Payload
from ..query.scope import Scope
from ..time.fibers import Signal, Steps
from ..time.work import Outcome, TaskFailed
from ..timestamps import parse_timestamp
from .control_flow import Flow
from .task_port import TaskRequest

_DELIMITERS: Final = {"COMMA": ",", "PIPE": "|", "SEMICOLON": ";", "SPACE": " ", "TAB": "\t"}


def read_items(flow: Flow, reader: ItemReader, scope: Scope) -> Steps:
    """Read the items through the port; the fiber's value is their list.

    The port answers `s3:getObject` with `{"Body": text}` and `s3:listObjectsV2` with `{"Contents": [...]}`,
    a page at a time.

    Raises:
        StateFailure: States.ItemReaderFailed.
    """
    parameters = {} if reader.parameters is None else reader.parameters.evaluate(scope)
    most = None if reader.max_items is None else int(reader.max_items.evaluate(scope)) or None
    items: list[Json] = []
    while True:
        output = yield from call_port(flow, reader.resource, parameters, ITEM_READER_FAILED)
        try:
            items += _parse(output, reader.config)
        except (ValueError, KeyError, TypeError):
            raise StateFailure(ITEM_READER_FAILED, "Attempting to parse the items failed") from None
        if not output.get("IsTruncated") or (most is not None and len(items) >= most):
            return items[:most]
        parameters = {**parameters, "ContinuationToken": output["NextContinuationToken"]}


def call_port(flow: Flow, resource: str, parameters: Json, error: str) -> Steps:
    """Make a call for a Map itself; the fiber's value is its output.

    Raises:
        StateFailure: the call failed; under the name `error`.
    """
    signal = Signal()
    name = flow.state.name if flow.state else ""
    request = TaskRequest(resource, parameters, flow.execution.arn, name, 0, iterations=flow.iterations)
    flow.world.scheduler.await_work(flow.world.port.start(request), signal.set)
    outcome: Outcome = yield signal
    if isinstance(outcome, TaskFailed):
        raise StateFailure(error, outcome.cause)
    return outcome.output


def _parse(output: Any, config: Mapping[str, Any]) -> list[Json]:
    if "Body" not in output:
        return [_listed(entry) for entry in output.get("Contents", ())]
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


def _listed(entry: dict[str, Any]) -> Json:
    """An object of a listing as a Map gets it: `Etag`, and LastModified in seconds."""
    names = {"ETag": "Etag"}
    item = {names.get(name, name): value for name, value in entry.items()}
    moment = parse_timestamp(item.get("LastModified"))
    return item if moment is None else {**item, "LastModified": int(moment)}


def _parse_csv(body: str, config: Mapping[str, Any]) -> list[Json]:
    import csv  # noqa: PLC0415 - few machines read CSV, and the package must start fast

    delimiter = _DELIMITERS[config.get("CSVDelimiter", "COMMA")]
    rows = [row for row in csv.reader(body.splitlines(keepends=True), delimiter=delimiter) if row]
    given = config.get("CSVHeaderLocation") == "GIVEN"
    headers = list(config["CSVHeaders"]) if given else rows.pop(0)
    return [dict(zip(headers, row + [""] * (len(headers) - len(row)), strict=False)) for row in rows]


def batches(batcher: ItemBatcher, items: list[Json], scope: Scope) -> list[Json]:
    """The items put together as `{"Items": [...], "BatchInput": ...}`."""
    most = None if batcher.max_items is None else int(batcher.max_items.evaluate(scope))
    bytes_most = None if batcher.max_bytes is None else int(batcher.max_bytes.evaluate(scope))
    if most is None and bytes_most is None:
        raise QueryError("ItemBatcher needs MaxItemsPerBatch or MaxInputBytesPerBatch")
    extra = {} if batcher.batch_input is None else {"BatchInput": batcher.batch_input.evaluate(scope)}
    groups: list[list[Json]] = []
    for item in items:
        fits = bool(groups) and (most is None or len(groups[-1]) < most)
        if fits and bytes_most is not None:
            fits = Payload({**extra, "Items": [*groups[-1], item]}).size_bytes <= bytes_most
        if fits:
            groups[-1].append(item)
        else:
            groups.append([item])
    return [{**extra, "Items": group} for group in groups]
