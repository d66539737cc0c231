"""Rejected calls, each with AWS's error code and message."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from harness.engine.clients import Clients


class Refusal(NamedTuple):
    """A call and AWS's response. Placeholders such as `{topic}` stand for a test's resources."""

    operation: str
    parameters: dict[str, Any]
    code: str
    message: str


def refusal_of(client: Any, case: Refusal, made: dict[str, str]) -> None:
    """Make the call in a case, and compare the response. `made` has the names of its resources."""
    with pytest.raises(ClientError) as caught:
        getattr(client, case.operation)(**_filled(case.parameters, made))
    error = caught.value.response["Error"]
    assert (error["Code"], error["Message"]) == (case.code, _filled(case.message, made))


def unchecked(clients: Clients, service: str) -> Any:
    """Create a client that sends requests unchecked."""
    client = clients.client(service)
    return clients.session.client(
        service,
        region_name=clients.endpoint.region,
        endpoint_url=clients.endpoint.url,
        aws_access_key_id="test",
        aws_secret_access_key="test",
        aws_session_token=clients.endpoint.session_token or None,
        config=client.meta.config.merge(Config(parameter_validation=False)),
    )


def _filled(given: Any, made: dict[str, str]) -> Any:
    if isinstance(given, str):
        for name, value in made.items():
            given = given.replace(f"{{{name}}}", value)
        return given
    if isinstance(given, dict):
        return {key: _filled(value, made) for key, value in given.items()}
    return [_filled(item, made) for item in given] if isinstance(given, list) else given
