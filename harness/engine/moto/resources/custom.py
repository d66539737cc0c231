"""Custom resources.

A request is sent to the function or topic in the service token, and the stack waits for a response.

The function runs during the deployment. It sends its response to the ResponseURL, a harness path on the
engine itself. The response must have arrived by the time the function returns. On AWS, the stack would wait
for the response until the timeout.
"""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Final, Self

from moto.awslambda.exceptions import UnknownFunctionException
from moto.awslambda.models import lambda_backends
from moto.moto_api._internal import mock_random
from moto.settings import moto_server_port
from moto.sns.models import sns_backends

from harness.engine.moto.deliveries import invoke_and_wait, wait_for_all
from harness.engine.moto.resources.model import CannotMake, NotMadeHere, Resource, Wanted
from harness.engine.moto.session_token import PARAMETER, SESSION_TOKEN
from harness.functions.shared.control_protocol import PREFIX
from harness.functions.shared.runtimes import refusal
from harness.json_types import Json, JsonObject

ANSWER_PATH: Final = "stack-answer"
_answers: Final[dict[str, JsonObject]] = {}


def take_answer(request_id: str, body: bytes) -> None:
    """Store a custom resource's response, which was sent to the ResponseURL.

    Raises ValueError or TypeError if it is not a JSON object.
    """
    answer = json.loads(body)
    if not isinstance(answer, dict):
        raise TypeError("a custom resource's response must be a JSON object")
    _answers[request_id] = answer


class CustomResource(Resource):
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref.html."""

    TYPE = "AWS::CloudFormation::CustomResource"

    def __init__(self, physical_id: str, answer: JsonObject, wanted: Wanted) -> None:
        super().__init__(physical_id, _data(answer))
        self.no_echo = str(answer.get("NoEcho", "")).lower() == "true"
        self._wanted = wanted

    def get_cfn_attribute(self, attribute: str) -> Json:
        """Return a member of the response data."""
        value: Json = dict(self.attributes)
        for name in [attribute] if attribute in self.attributes else attribute.split("."):
            if not isinstance(value, dict) or name not in value:
                raise CannotMake(
                    "CustomResource attribute error: Vendor response doesn't contain "
                    f"{attribute} attribute in object {self._wanted.logical_id}"
                )
            value = value[name]
        return value

    @classmethod
    def make(cls, wanted: Wanted) -> Self:
        """Request the creation."""
        answer = _ask(wanted, "Create", {})
        return cls(_physical_id(answer, ""), answer, wanted)

    def change(self, wanted: Wanted) -> Self:
        """Request the update. The response may contain a different physical ID."""
        before: JsonObject = {
            "PhysicalResourceId": self.physical_resource_id,
            "OldResourceProperties": _as_texts(self._wanted.properties),
        }
        answer = _ask(wanted, "Update", before)
        return type(self)(_physical_id(answer, self.physical_resource_id), answer, wanted)

    def delete(self, account_id: str, region_name: str) -> None:
        """Request the deletion."""
        _ask(self._wanted, "Delete", {"PhysicalResourceId": self.physical_resource_id})


def _response_url(request_id: str) -> str:
    """Return a URL that, like a presigned URL, contains everything needed for a response."""
    query = f"request={request_id}&{PARAMETER}={SESSION_TOKEN}"
    return f"http://127.0.0.1:{moto_server_port()}{PREFIX}{ANSWER_PATH}?{query}"


def _ask(wanted: Wanted, kind: str, more: JsonObject) -> JsonObject:
    """Send a request to the service token, and return the response. Raises CannotMake."""
    token, request_id = wanted.text("ServiceToken"), str(mock_random.uuid4())
    _check_runs_here(wanted, token)
    request: JsonObject = {
        "RequestType": kind,
        "ServiceToken": token,
        "ResponseURL": _response_url(request_id),
        "StackId": wanted.stack_id,
        "RequestId": request_id,
        "LogicalResourceId": wanted.logical_id,
        "ResourceType": wanted.type,
        "ResourceProperties": _as_texts(wanted.properties),
        **more,
    }
    service, region = (token.split(":") + [""] * 4)[2:4]
    why = ""
    if service == "sns":
        sns_backends[wanted.account_id][region].publish(
            json.dumps(request), arn=token, subject="AWS CloudFormation custom resource request"
        )
        wait_for_all()
    elif service == "lambda":
        why = invoke_and_wait(wanted.account_id, token, request, lambda: request_id in _answers)
    else:
        raise CannotMake(f"Invalid service token: {token!r} is not the ARN of a function or a topic")
    answer = _answers.pop(request_id, None)
    if answer is None:
        raise CannotMake(
            "CloudFormation did not receive a response from your Custom Resource: the function returned "
            "without a response to its ResponseURL, which uses http in this engine"
            f"{f'; it failed with {why}' if why else ''}. "
            "Make the function send SUCCESS or FAILED to the URL before it returns"
        )
    if answer.get("Status") != "SUCCESS":
        raise CannotMake(
            f"Received response status [{answer.get('Status')}] from custom resource. "
            f"Message returned: {answer.get('Reason', '')} (RequestId: {request_id})"
        )
    return answer


def _check_runs_here(wanted: Wanted, token: str) -> None:
    """Reject a function with a runtime that this machine cannot run. Raises NotMadeHere."""
    if token.split(":")[2:3] != ["lambda"]:
        return
    with suppress(UnknownFunctionException):
        function = lambda_backends[wanted.account_id][token.split(":")[3]].get_function(token)
        if refused := refusal(str(function.run_time or ""), function.package_type):
            raise NotMadeHere(
                f"it is not created: its function {function.function_name}: {'; '.join(refused)}"
            )


def _physical_id(answer: JsonObject, default: str) -> str:
    given = answer.get("PhysicalResourceId") or default
    if not given:
        raise CannotMake("Invalid PhysicalResourceId: the custom resource's response has none")
    return str(given)


def _data(answer: JsonObject) -> JsonObject:
    data = answer.get("Data")
    return data if isinstance(data, dict) else {}


def _as_texts(value: Json) -> Json:
    """Return properties in CloudFormation's request format: every scalar is a string."""
    if isinstance(value, dict):
        return {name: _as_texts(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_as_texts(each) for each in value]
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) or value is None else str(value)
