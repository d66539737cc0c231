"""Measures calls of AWS's APIs against the limits: the calls of functions and of state machines."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from unicodedata import category

from harness.functions.shared.model import Call
from harness.limits.items import Sized, item_measures, key_measures
from harness.limits.table import Measure, measure
from harness.observe.model import Keys
from harness.quotas import STATES_NAME_FORBIDDEN

_BREAKS = frozenset({"Cc", "Zl", "Zp"})  # control characters, line and paragraph separators
Checker = Callable[[Sized, str, Keys], Iterator[Measure]]


def call_measures(call: Call, subject: str, keys: Keys) -> Iterator[Measure]:
    """The measures of one call, if the engine has accepted it; a refused call has taken nothing."""
    if call.error is not None or not isinstance(call.params, Mapping):
        return
    name = f"{call.service}:{call.operation}"
    params = Sized(call.params, "", call.sizes)
    if name in _CHECKERS:
        yield from _CHECKERS[name](params, subject, keys)
    if call.service == "stepfunctions":
        yield measure("states-request", subject, call.request_bytes)
    elif name == "dynamodb:BatchWriteItem":
        yield measure("dynamodb-batch-write-size", subject, call.request_bytes)


def text_measures(message: str | None, subject_line: str | None, subject: str) -> Iterator[Measure]:
    """The measures of an SNS message and its subject."""
    yield from _publish(Sized({"Message": message or "", "Subject": subject_line or ""}), subject, {})


def name_measures(name: str, subject: str) -> Iterator[Measure]:
    """The length of a state machine's or execution's name, and its forbidden characters; none of ""."""
    if name:
        yield measure("states-name", subject, len(name))
        yield measure("states-name-text", subject, len(re.findall(STATES_NAME_FORBIDDEN, name)))


def _publish(params: Sized, subject: str, _keys: Keys) -> Iterator[Measure]:
    if "Message" in params.value:
        yield measure("sns-message", subject, params.at("Message").length)
    text = params.value.get("Subject") or ""
    if isinstance(text, str) and text:
        length = params.at("Subject").length if params.at("Subject").is_cut else len(text)
        yield measure("sns-subject", subject, length)
        yield measure("sns-subject-text", subject, sum(category(c) in _BREAKS for c in text))


def _send_message(params: Sized, subject: str, _keys: Keys) -> Iterator[Measure]:
    if "MessageBody" in params.value:
        yield measure("sqs-message", subject, params.at("MessageBody").length)


def _put_item(params: Sized, subject: str, keys: Keys) -> Iterator[Measure]:
    if "Item" in params.value:
        table = _table(params.value.get("TableName", ""))
        yield from item_measures(params.at("Item"), subject)
        yield from key_measures(params.at("Item"), keys.get(table, ()), subject)


def _batch_write(params: Sized, subject: str, keys: Keys) -> Iterator[Measure]:
    requests = params.at("RequestItems")
    yield measure("dynamodb-batch-write", subject, sum(of.length for _, of in requests.items))
    for name, writes in requests.items:
        key = keys.get(_table(name), ())
        items = [of.at(part) for write in writes for kind, of in write.items for part in ("Item", "Key")
                 if part in of.value]  # fmt: skip
        for item in items:
            yield from item_measures(item, subject)
            yield from key_measures(item, key, subject)
        found = [_key_of(item, key) for item in items if key and not item.has_cuts]
        yield measure("dynamodb-batch-write-keys", subject, len(found) - len(set(found)))


def _batch_get(params: Sized, subject: str, _keys: Keys) -> Iterator[Measure]:
    tables = [of for _, of in params.at("RequestItems").items if "Keys" in of.value]
    yield measure("dynamodb-batch-get", subject, sum(of.at("Keys").length for of in tables))


def _transaction(params: Sized, subject: str, keys: Keys) -> Iterator[Measure]:
    yield measure("dynamodb-transaction", subject, params.at("TransactItems").length)
    for item in params.at("TransactItems"):
        for _, of in item.items:
            yield from _put_item(of, subject, keys)


def _invoke(params: Sized, subject: str, _keys: Keys) -> Iterator[Measure]:
    if isinstance(params.value.get("Payload"), str):
        yield measure("lambda-request", subject, params.at("Payload").length)


def _machine(params: Sized, subject: str, _keys: Keys) -> Iterator[Measure]:
    if "definition" in params.value:
        yield measure("states-definition", subject, params.at("definition").length)
    yield from name_measures(params.value.get("name", ""), subject)


def _start(params: Sized, subject: str, _keys: Keys) -> Iterator[Measure]:
    if "input" in params.value:
        yield measure("states-payload", subject, params.at("input").length)
    yield from name_measures(params.value.get("name", ""), subject)


def _table(name: object) -> str:
    return str(name).rpartition("/")[2]


def _key_of(item: Sized, key: tuple[str, ...]) -> str:
    return json.dumps([item.value.get(name) for name in key], sort_keys=True, default=str)


_CHECKERS: dict[str, Checker] = {
    "dynamodb:BatchGetItem": _batch_get,
    "dynamodb:BatchWriteItem": _batch_write,
    "dynamodb:PutItem": _put_item,
    "dynamodb:TransactGetItems": _transaction,
    "dynamodb:TransactWriteItems": _transaction,
    "lambda:Invoke": _invoke,
    "sns:Publish": _publish,
    "sqs:SendMessage": _send_message,
    "stepfunctions:CreateStateMachine": _machine,
    "stepfunctions:StartExecution": _start,
    "stepfunctions:UpdateStateMachine": _machine,
}
