"""Each limit from both sides: a value at the limit passes, and one more fails."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from harness.functions.shared.sizes import cut, sizes
from harness.limits.check import check
from harness.limits.items import digits_of
from harness.limits.table import BY_ID, LIMITS
from harness.observe.access import Access
from harness.observe.model import Observation
from harness.testing import History, a_call, a_history, a_message, an_execution, an_invocation, observed

TABLE = "usage-UsageTable"
KEYS = {TABLE: ("run_id", "bucket_extension")}
TOPIC = "arn:aws:sns:eu-west-1:123456789012:report"
MACHINE = "arn:aws:states:eu-west-1:123456789012:stateMachine:M"


def run(history: History | None = None, **more: Any) -> Observation:
    return observed(an_execution(history=history, machine="M", **more), table_keys=KEYS)


def task(resource: str, parameters: dict[str, Any], *then: str) -> Observation:
    history = a_history().enters("Do").calls(resource, json.dumps(parameters))
    for kind in then:
        history.event(kind)
    return run(history)


def made(
    service: str, operation: str, request_bytes: int = 0, error: str | None = None, **params: Any
) -> Observation:
    """A recorded call, with the sizes of truncated values."""
    call = a_call(f"{service}:{operation}", error, **cut(params))
    call = replace(call, sizes=sizes(params), request_bytes=request_bytes)
    invocation = an_invocation("u-put", call, payload='{"bucket": "photos"}')
    return observed(invocations=[invocation], functions={"u-put": "Put"}, table_keys=KEYS)


def invoked(payload: str = "{}", result: str = "{}") -> Observation:
    return observed(invocations=[an_invocation("f", payload=payload, result=result)])


def published(*bodies: str, subject: str = "s") -> Observation:
    entries = [{"Id": str(n), "Message": body, "Subject": subject} for n, body in enumerate(bodies or ("m",))]
    return made("sns", "PublishBatch", TopicArn=TOPIC, PublishBatchRequestEntries=entries)


def attributed(message: str, topic: str = TOPIC) -> Observation:
    """A message with attributes of 30 bytes: names, types and values."""
    attributes = {
        "kind": {"DataType": "String", "StringValue": "order"},
        "raw": {"DataType": "Binary", "BinaryValue": b"123456"},
    }
    return made("sns", "Publish", TopicArn=topic, Message=message, MessageAttributes=attributes)


def told(subject: str, body: str) -> Observation:
    return observed(messages=[a_message(subject, body)])


def put(**item: Any) -> Observation:
    return made("dynamodb", "PutItem", TableName=TABLE, Item=item)


def batch(*items: dict[str, Any], request_bytes: int = 0) -> Observation:
    writes = [{"PutRequest": {"Item": item}} for item in items]
    return made("dynamodb", "BatchWriteItem", request_bytes, RequestItems={TABLE: writes})


def key(run_id: str, row: str) -> dict[str, Any]:
    return {"run_id": {"S": run_id}, "bucket_extension": {"S": row}}


def rows(number: int) -> list[dict[str, Any]]:
    return [key("r", str(n)) for n in range(number)]


def written(size: int) -> Observation:
    """A row of that size, visible only in the table."""
    return observed(tables={"Rows": [{"pk": "x", "text": "a" * (size - 7)}]})


def deep(size: int) -> Observation:
    """An item of that total size, in a list in a map: names, values, and 3 + 1 bytes for each container."""
    inner = "é" * ((size - 1 - (3 + 1 + 1) - (3 + 1)) // 2)
    return put(m={"M": {"l": {"L": [{"S": inner}]}}})


def two_names(length: int) -> Observation:
    return made("stepfunctions", "StartExecution", name="n" * length, stateMachineArn=MACHINE)


def passes(number: int) -> Observation:
    history = a_history()
    for _ in range(number):
        history.enters("P", "Pass")
    return run(history)


# id -> what takes a given amount of it
TAKERS: dict[str, Callable[[int], Observation]] = {
    "sns-message": lambda n: made("sns", "Publish", Message="é" * (n // 2) + "x" * (n % 2)),
    "sns-batch": lambda n: published("m" * (n // 2), "m" * (n - n // 2)),
    "sns-subject": lambda n: made("sns", "Publish", Subject="s" * n, Message="m"),
    "sns-subject-text": lambda n: made("sns", "Publish", Subject="a" + "\n" * n, Message="m"),
    "sns-subject-ascii": lambda n: made("sns", "Publish", Subject="a" + "é" * n, Message="m"),
    "sns-subject-start": lambda n: made("sns", "Publish", Subject=" " * n + "a", Message="m"),
    "sns-subject-empty": lambda n: made("sns", "Publish", Subject="" if n else "a", Message="m"),
    "sqs-message": lambda n: made("sqs", "SendMessage", QueueUrl="q", MessageBody="m" * n),
    "dynamodb-item": lambda n: put(a={"S": "x" * (n - 1)}),
    "dynamodb-partition-key": lambda n: put(**key("r" * n, "x")),
    "dynamodb-sort-key": lambda n: put(**key("r", "x" * n)),
    "dynamodb-empty-key": lambda n: put(**key("r", "" if n else "x")),
    "dynamodb-number": lambda n: put(**key("r", "x"), n={"N": "1" * n}),
    "dynamodb-batch-write": lambda n: batch(*rows(n)),
    "dynamodb-batch-write-size": lambda n: batch(*rows(1), request_bytes=n),
    "dynamodb-batch-write-keys": lambda n: batch(*rows(3), *[key("r", "0")] * n),
    "dynamodb-batch-get": lambda n: made("dynamodb", "BatchGetItem", RequestItems={TABLE: {"Keys": rows(n)}}),
    "dynamodb-transaction": lambda n: made(
        "dynamodb",
        "TransactWriteItems",
        TransactItems=[{"Put": {"TableName": TABLE, "Item": row}} for row in rows(n)],
    ),
    "lambda-request": lambda n: invoked(payload="x" * n),
    "lambda-response": lambda n: invoked(result="x" * n),
    "states-payload": lambda n: run(a_history().enters("Count").exits("Count", output="x" * n)),
    "states-history": passes,
    "states-definition": lambda n: made("stepfunctions", "UpdateStateMachine", definition="x" * n),
    "states-request": lambda n: made("stepfunctions", "CreateStateMachine", n, definition="{}"),
    "states-name": two_names,
    "states-name-text": lambda n: run(name="run" + "/" * n),
    "states-state-name": lambda n: run(a_history().enters("s" * n, "Pass")),
}


def test_every_limit_is_tried() -> None:
    assert list(TAKERS) == [limit.id for limit in LIMITS]
    assert len(BY_ID) == len(LIMITS)
    assert all(limit.source.startswith("https://docs.aws.amazon.com/") for limit in LIMITS)


@pytest.mark.parametrize("limit", LIMITS, ids=lambda limit: limit.id)
def test_both_sides_of_a_limit(limit: Any) -> None:
    take = TAKERS[limit.id]
    assert check(take(limit.most)) == ()
    (exceeded,) = check(take(limit.most + 1))
    assert (exceeded.limit, exceeded.amount) == (limit, limit.most + 1)


@pytest.mark.parametrize(
    ("limit_id", "take"),
    [
        ("sns-message", lambda n: told("s", "m" * n)),
        ("sns-subject", lambda n: told("s" * n, "m")),
        ("sns-subject", lambda n: published(subject="s" * n)),
        ("sns-subject-ascii", lambda n: told("a" + "😀" * n, "m")),
        ("sns-message", lambda n: published("m" * n)),
        ("sns-message", lambda n: attributed("m" * (n - 30))),
        ("dynamodb-item", written),
        ("dynamodb-item", lambda n: put(a="x" * (n - 1))),
        ("dynamodb-item", lambda n: batch({**key("r", "x"), "a": {"B": b"x" * (n - 25)}})),
        ("dynamodb-sort-key", lambda n: put(run_id="r", bucket_extension="x" * n)),
        ("dynamodb-number", lambda n: put(m={"M": {"l": {"L": [{"N": "-0.0" + "1" * n + "e5"}]}}})),
        ("lambda-request", lambda n: made("lambda", "Invoke", FunctionName="f", Payload=b"x" * n)),
        ("states-payload", lambda n: run(input="x" * n)),
        ("states-payload", lambda n: run(output="é" * (n // 2) + "x" * (n % 2))),
        ("states-payload", lambda n: made("stepfunctions", "StartExecution", input="x" * n)),
        (
            "states-payload",
            lambda n: task("aws-sdk:sfn:startExecution", {"Input": "x" * (n - len('{"Input": ""}'))}),
        ),
        ("states-name", lambda n: observed(an_execution(machine="m" * n))),
        ("states-name", lambda n: made("stepfunctions", "CreateStateMachine", name="m" * n)),
        ("states-definition", lambda n: made("stepfunctions", "CreateStateMachine", definition="x" * n)),
    ],
)
def test_other_ways_to_exceed_a_limit(limit_id: str, take: Callable[[int], Observation]) -> None:
    most = BY_ID[limit_id].most
    assert check(take(most)) == ()
    assert [(m.limit.id, m.amount) for m in check(take(most + 1))] == [(limit_id, most + 1)]


def test_containers_count_for_the_size_of_an_item() -> None:
    most = BY_ID["dynamodb-item"].most
    assert check(deep(most)) == ()
    assert [m.limit.id for m in check(deep(most + 2))] == ["dynamodb-item"]


def test_what_the_engine_has_refused_itself_is_not_told_again() -> None:
    assert check(made("sns", "Publish", error="InvalidParameter", Message="m" * 300_000)) == ()
    subject = {"Message": "m", "Subject": "s" * 100}
    assert [m.limit.id for m in check(task("sns:publish", subject, "TaskStarted"))] == ["sns-subject"]
    assert check(task("sns:publish", subject, "TaskStarted", "TaskFailed")) == ()


def test_deletes_of_a_batch_have_keys_too() -> None:
    writes = [{"DeleteRequest": {"Key": key("r", "a")}}, {"PutRequest": {"Item": key("r", "a")}}]
    (twice,) = check(made("dynamodb", "BatchWriteItem", RequestItems={TABLE: writes}))
    assert twice.limit.id == "dynamodb-batch-write-keys"


def test_long_keys_with_the_same_beginning_are_not_the_same() -> None:
    assert check(batch(key("r", "x" * 500 + "a"), key("r", "x" * 500 + "b"))) == ()


def test_the_subject_names_the_state_the_function_and_the_bucket() -> None:
    most = BY_ID["dynamodb-item"].most
    (item,) = check(put(a={"S": "x" * most}))
    assert item.subject == "PutItem of function Put (bucket photos)"
    (payload,) = check(TAKERS["states-payload"](300_000))
    assert payload.subject == "the output of state Count of state machine M (TaskStateExited)"
    text, message = check(task("sns:publish", {"Message": {"key": "m" * 300_000}}))
    assert (text.limit.id, message.limit.id) == ("states-payload", "sns-message")
    assert message.subject == "state Do of state machine M"


def test_a_message_is_told_of_once() -> None:
    seen = made("sns", "Publish", Message="m", Subject="s" * 100)
    (only,) = check(replace(seen, messages=(a_message("s" * 100, "m"),)))
    assert only.subject == "Publish of function Put (bucket photos)"


@pytest.mark.parametrize(
    ("number", "digits"),
    [
        ("0", 0),
        ("7", 1),
        ("-120", 2),
        ("1.20", 2),
        ("0.00120", 2),
        ("12e30", 2),
        ("100.5", 4),
        ("1" * 40, 40),
    ],
)
def test_significant_digits(number: str, digits: int) -> None:
    assert digits_of(number) == digits


def test_a_topic_has_a_size_of_its_own() -> None:
    # https://docs.aws.amazon.com/sns/latest/dg/large-message-payloads.html
    access = Access(message_sizes={TOPIC: 1_048_576}, named={TOPIC: "Topic"})
    assert check(replace(attributed("m" * 1_048_546), access=access)) == ()
    (large,) = check(replace(attributed("m" * 1_048_547), access=access))
    assert (large.limit.id, large.limit.most, large.amount) == ("sns-message", 1_048_576, 1_048_577)
    (other,) = check(replace(attributed("m" * 262_144, topic=f"{TOPIC}-2"), access=access))
    assert other.limit.most == 262_144
    assert check(replace(told("s", "m" * 300_000), access=access)) == ()
    small = Access(message_sizes={TOPIC: 1_024})
    assert [m.limit.id for m in check(replace(published("m" * 600, "m" * 600), access=small))] == [
        "sns-batch"
    ]
    assert check(made("sns", "Publish", PhoneNumber="+44", Message="m" * 300_000)) == ()


@pytest.mark.parametrize(
    "call",
    [
        made("sns", "Publish", TopicArn=5, Message=7, Subject=5, MessageAttributes={"a": {"StringValue": 5}}),
        made("sns", "Publish", TopicArn=TOPIC, Message=None, MessageAttributes=[1]),
        made("sns", "PublishBatch", TopicArn=TOPIC, PublishBatchRequestEntries=[1, {"Message": 1}]),
        made("sns", "PublishBatch", TopicArn=TOPIC),
        made("sqs", "SendMessage", MessageBody=5),
        made("dynamodb", "PutItem", TableName=TABLE, Item={**key("r", "x"), "n": {"N": 5}}),
        made("dynamodb", "PutItem", TableName=5, Item={"run_id": {"S": 5}}),
        made("dynamodb", "PutItem", TableName=TABLE, Item=5),
        made("dynamodb", "BatchWriteItem", RequestItems={TABLE: [5, {"PutRequest": 5}]}),
        made("dynamodb", "BatchWriteItem", RequestItems=5),
        made("dynamodb", "BatchGetItem", RequestItems={TABLE: 5}),
        made("dynamodb", "TransactWriteItems", TransactItems=[5, {"Put": 5}]),
        made("dynamodb", "TransactWriteItems"),
        made("stepfunctions", "StartExecution", name=5, input=5),
        made("stepfunctions", "CreateStateMachine", name=5, definition={}),
        made("lambda", "Invoke", Payload=5),
    ],
)
def test_a_value_of_another_type_is_no_limit_s_business(call: Observation) -> None:
    assert check(call) == ()


def test_keys_of_a_batch_are_compared_within_their_table() -> None:
    writes = [{"PutRequest": {"Item": key("r", "a")}}]
    keys = {TABLE: KEYS[TABLE], "other": KEYS[TABLE]}
    twice = made("dynamodb", "BatchWriteItem", RequestItems={TABLE: writes, "other": writes})
    assert check(replace(twice, table_keys=keys)) == ()
    otherwise = {"PutRequest": {"Item": {**key("r", "a"), "note": {"S": "of another run"}}}}
    (same,) = check(made("dynamodb", "BatchWriteItem", RequestItems={TABLE: [*writes, otherwise]}))
    assert same.limit.id == "dynamodb-batch-write-keys"
