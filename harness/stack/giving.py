"""Sets external values on an engine before the deployment, so that templates and functions find them."""

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
"""Name of the stack that creates external exports on engines with only the API."""
_NOTHING: Final = {"Nothing": {"Type": "AWS::CloudFormation::WaitConditionHandle"}}
"""Placeholder, because a stack must have a resource. Nothing can use it."""
_TIMEOUT_S: Final = 120.0


def give(engine: Engine, clients: Clients, given: Given) -> None:
    """Set values on an engine: directly, or as stacks, parameters and secrets through its APIs.

    Raises:
        DeployError: the engine rejects one of them. The message does not contain the value.
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
    """Report that the engine rejected a value, without showing the value. Raises DeployError."""
    from botocore.exceptions import ClientError  # noqa: PLC0415  (start-up)

    try:
        yield
    except ClientError as error:
        raise DeployError(
            f"{engine.label} rejects {what} from the settings or the scenario: {error.operation_name} "
            f"failed with {error.response['Error']['Code']}"
        ) from error


def give_for(
    engine: Engine, clients: Clients, planned: Sequence[Planned], given: Given, settings: Settings
) -> None:
    """Set the external values that stacks require, and that functions may require, on an engine.

    Raises:
        TemplateError: a value that a stack requires is missing.
        DeployError: the engine rejects a value.
    """
    place = place_of(planned, settings)
    check_given(planned, given, place, engine.name)
    give(engine, clients, to_give(planned, given, place))


def name_of_secret(secret_id: str) -> str:
    """Return the name of a secret. If the key is an ARN, return the name in the ARN."""
    name = secret_id.split(":", 6)[-1]
    return name[:-7] if secret_id.startswith("arn:") and name[-7:-6] == "-" else name


def _make(clients: Clients, name: str, outputs: Mapping[str, Any]) -> None:
    body = json.dumps({"Resources": _NOTHING, "Outputs": outputs})
    clients.cloudformation.create_stack(StackName=name, TemplateBody=body)
    status = poll(
        lambda: clients.cloudformation.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"],
        lambda status: not status.endswith("_IN_PROGRESS"),
        what=f"creating stack {name}",
        timeout_s=_TIMEOUT_S,
    )
    if status != "CREATE_COMPLETE":
        raise DeployError(f"the stack {name} with external values ended with {status}")
