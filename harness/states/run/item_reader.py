"""The items of a distributed Map: ItemReader and ItemBatcher."""

from __future__ import annotations

from harness.json_types import Json, JsonObject

from ..asl import ItemBatcher, ItemReader
from ..errors import ITEM_READER_FAILED, QueryError, StateFailure
from ..parse.map_state import DELIMITERS
from ..payload import Payload, read_json
from ..query.expressions import Expression
from ..query.scope import Scope
from ..time.fibers import Signal, Steps
from ..time.work import Outcome, TaskFailed
from ..timestamps import parse_timestamp
from .control_flow import Flow
from .task_port import TaskRequest


def read_items(flow: Flow, reader: ItemReader, scope: Scope) -> Steps[list[Json]]:
    """Read the items through the port; the fiber's value is their list.

    The port answers `s3:getObject` with `{"Body": text}` and `s3:listObjectsV2` with `{"Contents": [...]}`,
    a page at a time.

    Raises:
        StateFailure: States.ItemReaderFailed.
        QueryError: a field of the reader cannot be evaluated.
    """
    parameters = call_parameters(reader.parameters, scope, ITEM_READER_FAILED)
    most = _optional_number(reader.max_items, scope) or None
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


def call_parameters(parameters: Expression[Json] | None, scope: Scope, error: str) -> JsonObject:
    """Give the parameters of a call that a Map makes itself.

    Raises:
        StateFailure: they are no object; under the name `error`.
        QueryError: they cannot be evaluated.
    """
    given = {} if parameters is None else parameters.evaluate(scope)
    if not isinstance(given, dict):
        raise StateFailure(error, f"The parameters must be an object: {Payload(given).text}")
    return given


def call_port(flow: Flow, resource: str, parameters: JsonObject, error: str) -> Steps[JsonObject]:
    """Make a call for a Map itself; the fiber's value is its output.

    Raises:
        StateFailure: the call failed; under the name `error`.
    """
    signal = Signal()
    name = flow.state.name if flow.state else ""
    request = TaskRequest(resource, parameters, flow.execution.arn, name, 0, iterations=flow.iterations)
    flow.host.scheduler.await_work(flow.host.port.start(request), signal.set)
    outcome: Outcome = yield signal
    if isinstance(outcome, TaskFailed):
        raise StateFailure(error, outcome.cause)
    if not isinstance(outcome.output, dict):
        raise StateFailure(error, f"The answer must be an object: {Payload(outcome.output).text}")
    return outcome.output


def _optional_number(expression: Expression[float] | None, scope: Scope) -> int | None:
    return None if expression is None else int(expression.evaluate(scope))


def _parse(output: JsonObject, config: JsonObject) -> list[Json]:
    if "Body" not in output:
        contents = output.get("Contents", [])
        if not isinstance(contents, list):
            raise TypeError("the listing is not an array")
        return [_listed(entry) for entry in contents]
    body = str(output["Body"])
    kind = config.get("InputType", "JSON")
    if kind == "CSV":
        return _parse_csv(body, config)
    if kind == "JSONL":
        return [read_json(line) for line in body.splitlines() if line.strip()]
    value = read_json(body)
    if isinstance(value, dict):
        return [{"Key": key, "Value": item} for key, item in value.items()]
    if not isinstance(value, list):
        raise TypeError("the items are not an array")
    return value


def _listed(entry: Json) -> Json:
    """Show an object of a listing as a Map gets it: `Etag`, and LastModified in seconds."""
    if not isinstance(entry, dict):
        raise TypeError("an entry of the listing is not an object")
    names = {"ETag": "Etag"}
    item = {names.get(name, name): value for name, value in entry.items()}
    moment = parse_timestamp(item.get("LastModified"))
    return item if moment is None else {**item, "LastModified": int(moment)}


def _parse_csv(body: str, config: JsonObject) -> list[Json]:
    """Read the rows of a CSV file as objects.

    Raises:
        ValueError: the file has no row for its headers, or they are given twice.
    """
    import csv  # noqa: PLC0415 - few machines read CSV, and the package must start fast

    delimiter = DELIMITERS[str(config.get("CSVDelimiter", "COMMA"))]
    rows = [row for row in csv.reader(body.splitlines(keepends=True), delimiter=delimiter) if row]
    given = config["CSVHeaders"] if config.get("CSVHeaderLocation") == "GIVEN" else None
    if given is None and not rows:
        raise ValueError("the file has no headers")
    headers = [str(name) for name in given] if isinstance(given, list) else rows.pop(0)
    return [dict(zip(headers, row + [""] * (len(headers) - len(row)), strict=False)) for row in rows]


def batches(batcher: ItemBatcher, items: list[Json], scope: Scope) -> list[Json]:
    """Put the items together as `{"Items": [...], "BatchInput": ...}`.

    Raises:
        QueryError: a field cannot be evaluated, or there is no limit.
    """
    most = _optional_number(batcher.max_items, scope)
    bytes_most = _optional_number(batcher.max_bytes, scope)
    if most is None and bytes_most is None:
        raise QueryError("ItemBatcher needs MaxItemsPerBatch or MaxInputBytesPerBatch")
    extra: JsonObject = (
        {} if batcher.batch_input is None else {"BatchInput": batcher.batch_input.evaluate(scope)}
    )
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
