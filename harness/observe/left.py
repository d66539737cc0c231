"""Reads the final contents of the buckets, queues, parameters and secrets that the scenario has
expectations for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Any, Final, Protocol, TypeVar, runtime_checkable

from harness.engine.clients import Clients
from harness.hidden import hide_given
from harness.observe.event_watch import EventWatch
from harness.observe.inbox import BATCH
from harness.observe.left_model import Left, QueuedMessage, SeenBucket, SeenObject, SeenQueue
from harness.scenario.model import Scenario
from harness.scenario.used_names import own_names
from harness.stack.declared import physical_id
from harness.stack.model import Stack

MOST_OBJECTS: Final = 100_000
"""Maximum number of objects to list in a bucket. If there are more, the number is not compared."""
LARGEST_BODY: Final = 16 * 1024 * 1024
"""Maximum size in bytes of an object to read."""
_HIDDEN: Final = ("ApproximateNumberOfMessagesNotVisible", "ApproximateNumberOfMessagesDelayed")
T = TypeVar("T")


@runtime_checkable
class _Asking(Protocol):
    """An expectation for a bucket. It determines which objects' contents are needed."""

    def asks_content(self, key: str) -> bool:
        """Return whether there is an expectation for the content of the object with this key."""


def is_expected(scenario: Scenario, key: str) -> bool:
    """Return whether the scenario has anything under a key of `expect`."""
    return scenario.expected(key) is not None


def read_left(
    clients: Clients,
    stack: Stack,
    scenario: Scenario,
    renamed: Mapping[str, str],
    watch: EventWatch | None = None,
    *,
    waits: bool = False,
) -> Left:
    """Read the contents that the scenario has expectations for. This removes messages from queues.

    `renamed` contains the new names of the scenario's buckets. `waits` is true if events arrive with a delay.
    """
    own = own_names(scenario).buckets

    def bucket(name: str, wanted: object) -> SeenBucket | None:
        found = renamed.get(name, name) if name in own else physical_id(stack, "bucket", name)
        asks = wanted.asks_content if isinstance(wanted, _Asking) else lambda _: False
        return _bucket(clients, found, asks) if found else None

    def queue(name: str, _: object) -> SeenQueue | None:
        found = physical_id(stack, "queue", name)
        return _queue(clients, found) if found else None

    def parameter(name: str, _: object) -> str | None:
        return _parameter(clients, physical_id(stack, "parameter", name) or name)

    def secret(name: str, _: object) -> str | None:
        return _secret(clients, physical_id(stack, "secret", name) or name)

    least = _number_of_events(scenario)
    return Left(
        _each(scenario, "objects", bucket),
        _each(scenario, "queues", queue),
        _each(scenario, "parameters", parameter),
        _each(scenario, "secrets", secret),
        watch.seen(least, waits=waits) if watch is not None else None,
    )


def _each(scenario: Scenario, key: str, read: Callable[[str, object], T]) -> Mapping[str, T]:
    """Read each resource that is specified under a key of `expect`."""
    asked = scenario.expected(key)
    wanted = asked[1] if asked is not None else None
    return {name: read(name, each) for name, each in wanted.items()} if isinstance(wanted, Mapping) else {}


def _number_of_events(scenario: Scenario) -> int:
    asked = scenario.expected("events")
    wanted = asked[1] if asked is not None else ()
    return sum(getattr(each, "count", 1) for each in wanted) if isinstance(wanted, tuple) else 0


def _bucket(clients: Clients, name: str, asks_content: Callable[[str], bool]) -> SeenBucket | None:
    try:
        listed = list(islice(_listed(clients, name), MOST_OBJECTS + 1))
    except clients.s3.exceptions.NoSuchBucket:
        return None
    objects = [
        SeenObject(
            key, size, _body(clients, name, key) if size <= LARGEST_BODY and asks_content(key) else None
        )
        for key, size in sorted(listed[:MOST_OBJECTS])
    ]
    return SeenBucket(tuple(objects), len(listed) > MOST_OBJECTS)


def _listed(clients: Clients, bucket: str) -> Iterator[tuple[str, int]]:
    for page in clients.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        yield from ((each["Key"], each["Size"]) for each in page.get("Contents", ()))


def _body(clients: Clients, bucket: str, key: str) -> bytes:
    return clients.s3.get_object(Bucket=bucket, Key=key)["Body"].read()


def _queue(clients: Clients, url: str) -> SeenQueue | None:
    try:
        attributes: Mapping[str, str] = clients.sqs.get_queue_attributes(
            QueueUrl=url, AttributeNames=["All"]
        )["Attributes"]  # type: ignore[assignment]  # the stubs know the names only
    except clients.sqs.exceptions.QueueDoesNotExist:
        return None
    found = list(_received(clients, url))
    if attributes.get("FifoQueue") != "true":
        found.sort(key=lambda message: (message.body, sorted(message.attributes.items())))
    return SeenQueue(tuple(found), sum(int(attributes.get(name, 0)) for name in _HIDDEN))


def _received(clients: Clients, url: str) -> Iterator[QueuedMessage]:
    """Delete the received messages. Only then does a FIFO queue return the next message in a group."""
    asked: Any = {"AttributeNames": ["MessageGroupId"], "MessageAttributeNames": ["All"]}
    while batch := clients.sqs.receive_message(
        QueueUrl=url, MaxNumberOfMessages=BATCH, WaitTimeSeconds=0, **asked
    ).get("Messages"):
        for message in batch:
            given: Mapping[str, Any] = message.get("MessageAttributes", {})
            values = {name: str(each.get("StringValue", "")) for name, each in given.items()}
            system: Mapping[str, str] = message.get("Attributes", {})  # type: ignore[assignment]
            yield QueuedMessage(message["Body"], system.get("MessageGroupId", ""), values)
            clients.sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])


def _parameter(clients: Clients, name: str) -> str | None:
    try:
        found: Mapping[str, str] = clients.ssm.get_parameter(Name=name, WithDecryption=True)["Parameter"]
    except clients.ssm.exceptions.ParameterNotFound:
        return None
    if found.get("Type") == "SecureString":
        hide_given(found["Value"])
    return found["Value"]


def _secret(clients: Clients, secret_id: str) -> str | None:
    try:
        answer = clients.secretsmanager.get_secret_value(SecretId=secret_id)
    except clients.secretsmanager.exceptions.ResourceNotFoundException:
        return None
    text = str(answer.get("SecretString") or "")
    hide_given(text)
    return text
