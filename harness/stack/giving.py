"""Puts values on an engine, where templates and functions look for them, before anything is deployed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

from harness.engine.base import Engine
from harness.engine.clients import Clients
from harness.given import Given
from harness.planned import Planned
from harness.polling import poll
from harness.settings import Settings
from harness.stack.environment import place_of
from harness.stack.given_values import to_give
from harness.stack.missing_values import check_given
from harness.stack.model import DeployError

EXPORTS: Final = "harness-exports"
"""Name of the stack that makes given exports, where they are made over the API."""
_NOTHING: Final = {"Nothing": {"Type": "AWS::CloudFormation::WaitConditionHandle"}}
"""A stack must have a resource; this one is nothing that anybody could use."""
_TIMEOUT_S: Final = 120.0


def give(engine: Engine, clients: Clients, given: Given) -> None:
    """Put values on an engine: directly, or as stacks, parameters and secrets over its APIs.

    Raises:
        DeployError: the engine refuses one of them; no value is shown.
    """
    if not given or engine.give(given):
        return
    for name, parameter in given.ssm.items():
        with _told(engine, f"the parameter {name}"):
            clients.ssm.put_parameter(Name=name, Value=parameter.value, Type=parameter.type, Overwrite=True)
    for secret_id, secret in given.secrets.items():
        with _told(engine, f"the secret {secret_id}"):
            clients.secretsmanager.create_secret(Name=name_of_secret(secret_id), SecretString=secret.text)
    if given.exports:
        exported = enumerate(given.exports.items())
        outputs = {f"Export{n}": {"Value": value, "Export": {"Name": name}} for n, (name, value) in exported}
        with _told(engine, "exports"):
            _make(clients, EXPORTS, outputs)
    for stack, of_stack in given.outputs.items():
        with _told(engine, f"the outputs of {stack}"):
            _make(clients, stack, {name: {"Value": value} for name, value in of_stack.values.items()})


@contextmanager
def _told(engine: Engine, what: str) -> Iterator[None]:
    """Say what an engine refuses, without its value. Raises DeployError."""
    from botocore.exceptions import ClientError  # noqa: PLC0415  (start-up)

    try:
        yield
    except ClientError as error:
        raise DeployError(
            f"{engine.label} does not take {what}, which is given: {error.operation_name} is refused with "
            f"{error.response['Error']['Code']}"
        ) from error


def give_for(
    engine: Engine, clients: Clients, planned: Sequence[Planned], given: Given, settings: Settings
) -> None:
    """Put on an engine what stacks want of elsewhere, and what functions may want.

    Raises:
        TemplateError: a stack wants a value that is not there.
        DeployError: the engine refuses one.
    """
    place = place_of(planned, settings)
    check_given(planned, given, place, engine.name)
    give(engine, clients, to_give(planned, given, place))


def name_of_secret(secret_id: str) -> str:
    """The name of a secret; where it is given by its ARN, the one in it."""
    name = secret_id.split(":", 6)[-1]
    return name[:-7] if secret_id.startswith("arn:") and name[-7:-6] == "-" else name


def _make(clients: Clients, name: str, outputs: Mapping[str, Any]) -> None:
    body = json.dumps({"Resources": _NOTHING, "Outputs": outputs})
    clients.cloudformation.create_stack(StackName=name, TemplateBody=body)
    status = poll(
        lambda: clients.cloudformation.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"],
        lambda status: not status.endswith("_IN_PROGRESS"),
        what=f"making stack {name}",
        timeout_s=_TIMEOUT_S,
    )
    if status != "CREATE_COMPLETE":
        raise DeployError(f"the stack {name}, which gives values, ended as {status}")
