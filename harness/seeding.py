"""Seeds a scenario's data: in the account before the deployment, and in the deployed stack."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import count
from typing import Any, Final

from harness.buckets import SeededBucket
from harness.engine.base import Engine
from harness.engine.clients import Clients
from harness.polling import poll
from harness.quotas import DYNAMODB_BATCH_WRITE_ITEMS
from harness.scenario.model import Scenario
from harness.scenario.position import Position
from harness.scenario.seed_items import TableSpec
from harness.scenario.wording import nearest
from harness.seed import declaring, put_objects, seed
from harness.stack.declared import of_kind, physical_id
from harness.stack.giving import name_of_secret
from harness.stack.model import DeployError, Stack

Told = Callable[[str], object]
"""A function that receives progress messages."""
_TIMEOUT_S: Final = 60.0


def seed_account(
    engine: Engine, clients: Clients, scenario: Scenario, told: Told = lambda _: None
) -> Mapping[str, str]:
    """Create the account's buckets and tables before the deployment.

    Returns the new names of buckets whose names are already taken in another account, see
    `harness.seed.seed`.

    Raises:
        DeployError: a file cannot be read, or the engine rejects a table.
    """
    with _reading(scenario):
        buckets = list(scenario.seed.expanded(scenario.path.parent))
    renamed = seed(engine, clients, buckets, told)
    for name, spec in scenario.seed.others.items():
        where = scenario.position("seed", "tables", name)
        with _refused(engine, where, f"the table {name}"):
            _make_table(clients, name, spec)
            _put_items(clients, name, spec)
    return renamed


def seed_stack(engine: Engine, clients: Clients, scenario: Scenario, stack: Stack) -> None:
    """Add objects, items, messages and values to the resources in the stack, in file order.

    Raises:
        DeployError: the stack has no such resource, a file cannot be read, or the engine rejects a value.
    """
    put = scenario.seed
    with _reading(scenario):
        objects = {
            bucket: [each.seeded(scenario.path.parent) for each in specs]
            for bucket, specs in put.objects.items()
        }
    for bucket, seeded in objects.items():
        where = scenario.position("seed", "objects", bucket)
        name = _found(stack, "bucket", bucket, where)
        with _refused(engine, where, f"the objects of {bucket}"):
            target = SeededBucket(name, seeded)
            if not engine.seed([target]):
                put_objects(clients, target, name, declaring(engine))
    for table, spec in put.tables_made.items():
        where = scenario.position("seed", "tables", table)
        name = _found(stack, "table", table, where)
        with _refused(engine, where, f"an item of {table}"):
            _put_items(clients, name, spec)
    for queue in put.queues:
        where = scenario.position("seed", "queues", queue)
        url = _found(stack, "queue", queue, where)
        with _refused(engine, where, f"a message of {queue}"):
            _send(clients, url, scenario, queue)
    _put_values(engine, clients, scenario, stack)


def _make_table(clients: Clients, name: str, spec: TableSpec) -> None:
    key: Sequence[tuple[str, Any]] = list((spec.key or {}).items())
    roles: Sequence[Any] = ("HASH", "RANGE")
    clients.dynamodb.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": n, "AttributeType": type_} for n, type_ in key],
        KeySchema=[{"AttributeName": n, "KeyType": role} for (n, _), role in zip(key, roles, strict=False)],
    )
    poll(
        lambda: clients.dynamodb.describe_table(TableName=name)["Table"]["TableStatus"],
        lambda status: status == "ACTIVE",
        what=f"creating table {name}",
        timeout_s=_TIMEOUT_S,
    )


def _put_items(clients: Clients, name: str, spec: TableSpec) -> None:
    """Put the items in order."""
    items: Sequence[Any] = list(spec.attributes)
    for first in range(0, len(items), DYNAMODB_BATCH_WRITE_ITEMS):
        some = items[first : first + DYNAMODB_BATCH_WRITE_ITEMS]
        requests: Any = [{"PutRequest": {"Item": item}} for item in some]
        while requests:
            answer = clients.dynamodb.batch_write_item(RequestItems={name: requests})
            requests = answer.get("UnprocessedItems", {}).get(name)


def _send(clients: Clients, url: str, scenario: Scenario, queue: str) -> None:
    """Send messages one after another, so that they stay in order where the queue preserves it."""
    numbers = count(1)
    for spec in scenario.seed.queues[queue]:
        for number in (next(numbers) for _ in range(spec.count)):
            more: dict[str, Any] = {}
            if spec.attributes:
                more["MessageAttributes"] = {
                    name: {"DataType": "String", "StringValue": value}
                    for name, value in spec.attributes.items()
                }
            if spec.group:
                more["MessageGroupId"] = spec.group
                more["MessageDeduplicationId"] = spec.deduplication or f"seed-{number}"
            clients.sqs.send_message(QueueUrl=url, MessageBody=spec.text, **more)


def _put_values(engine: Engine, clients: Clients, scenario: Scenario, stack: Stack) -> None:
    """Overwrite the parameters and secrets that the stack has created. Other values are set earlier."""
    made = of_kind(stack, "parameter")
    for name, value in scenario.seed.parameters.items():
        physical = physical_id(stack, "parameter", name) or (name if name in made.values() else "")
        if physical:
            where = scenario.position("seed", "parameters", name)
            with _refused(engine, where, f"the parameter {name}"):
                stored = value.given()
                clients.ssm.put_parameter(Name=physical, Value=stored.value, Overwrite=True)
    arns = of_kind(stack, "secret")
    for name, text in scenario.seed.secrets.items():
        named = (arn for arn in arns.values() if name in (arn, name_of_secret(arn)))
        physical = physical_id(stack, "secret", name) or next(named, "")
        if physical:
            where = scenario.position("seed", "secrets", name)
            with _refused(engine, where, f"the secret {name}"):
                clients.secretsmanager.put_secret_value(SecretId=physical, SecretString=text)


def _found(stack: Stack, kind: str, name: str, where: Position) -> str:
    """Return the physical ID of a resource. Raises DeployError if it is not in the stack."""
    if found := physical_id(stack, kind, name):
        return found
    remedy = nearest(name, of_kind(stack, kind), f"its {kind}s")
    if name in stack.not_served:
        raise DeployError(f"{where}: the {kind} {name} is not served here, so it cannot be seeded")
    raise DeployError(f"{where}: the template has no {kind} {name!r}; {remedy}")


@contextmanager
def _refused(engine: Engine, where: Position, what: str) -> Iterator[None]:
    """Report that the engine rejected a request, without values, which may be secret. Raises DeployError."""
    from botocore.exceptions import ClientError, ParamValidationError  # noqa: PLC0415  (start-up)

    try:
        yield
    except ClientError as error:
        code = error.response["Error"]["Code"]
        said = "" if "secret" in what or "parameter" in what else f": {error.response['Error']['Message']}"
        refused = f"{error.operation_name} failed with {code}{said}"
        raise DeployError(f"{where}: {engine.label} refuses {what}: {refused}") from error
    except ParamValidationError as error:
        raise DeployError(f"{where}: {what} cannot be sent: {error}") from error


@contextmanager
def _reading(scenario: Scenario) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise DeployError(
            f"{scenario.path}: seed: {error.filename} cannot be read ({error.strerror}); correct the path"
        ) from error
