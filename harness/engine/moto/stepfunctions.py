"""moto's state machines, made to run as the harness needs it. All that knows moto's interpreter is here.

Patched:
- `stepfunctions_backends` (moto.stepfunctions.models): CloudFormation puts state machines there, although
  executed ones live in the parser's backends.
- `StateMachine.create_from_cloudformation_json`: DefinitionS3Location, DefinitionSubstitutions, RoleArn.
- `StepFunctionsParserBackend.delete_state_machine` and the look-ups of executions: as on AWS, the history
  of an execution outlives its state machine.
- `boto_client_for` wherever the interpreter imported it: one client per service instead of one per task.
- `BaseExecutionWorkerCommunication.terminated`: tells who waits that an execution has ended.
"""

from __future__ import annotations

import functools
import io
import json
import re
import sys
import threading
from collections.abc import Iterable
from typing import Any

import boto3
from botocore.config import Config
from moto.awslambda.models import lambda_backends
from moto.s3.models import s3_backends
from moto.stepfunctions import models
from moto.stepfunctions.models import StateMachine
from moto.stepfunctions.parser.backend.execution import BaseExecutionWorkerCommunication
from moto.stepfunctions.parser.models import StepFunctionsParserBackend, stepfunctions_parser_backends
from moto.stepfunctions.utils import cfn_to_api_tags

SUBSTITUTION = re.compile(r"\$\{([A-Za-z0-9_]+)\}")


class Executions:
    """The executions of this process: who waits for an end is told, and deleted machines' are kept."""

    def __init__(self) -> None:
        self._ended = threading.Condition()
        self._kept: dict[str, Any] = {}

    def wait(self, execution_arn: str, timeout_s: float) -> bool:
        """Whether the execution has ended, at the latest after `timeout_s` seconds."""
        with self._ended:
            return self._ended.wait_for(lambda: self._is_over(execution_arn), timeout_s)

    def tell(self) -> None:
        """An execution has just ended."""
        with self._ended:
            self._ended.notify_all()

    def keep(self, executions: Iterable[Any]) -> None:
        """Remember the executions of a machine that is being deleted."""
        self._kept.update({e.execution_arn: e for e in executions})

    def kept(self, execution_arn: str) -> Any:
        """An execution whose machine was deleted."""
        return self._kept.get(execution_arn)

    def clear(self) -> None:
        """End what still runs and forget everything."""
        for backend in _backends():
            for execution in (e for machine in backend.state_machines for e in machine.executions):
                if execution.status == "RUNNING" and execution.exec_worker.env is not None:
                    execution.stop(stop_date=execution.start_date, error=None, cause=None)
        self._kept.clear()

    def _is_over(self, arn: str) -> bool:
        _, _, _, region, account, *_ = arn.split(":")
        found = stepfunctions_parser_backends[account][region].describe_execution(arn)
        return bool(found.status != "RUNNING")


def _backends() -> list[Any]:
    return [b for account in stepfunctions_parser_backends.values() for b in account.values()]


def definition_of(properties: dict[str, Any], account_id: str) -> str:
    """The definition text that the properties of an AWS::StepFunctions::StateMachine stand for."""
    if "DefinitionS3Location" in properties:
        place = properties["DefinitionS3Location"]
        key = s3_backends[account_id]["aws"].get_object(place["Bucket"], place["Key"])
        if key is None:
            raise ValueError(f"DefinitionS3Location: there is no s3://{place['Bucket']}/{place['Key']}")
        text = key.value.decode()
    elif "DefinitionString" in properties:
        text = properties["DefinitionString"]
    else:
        text = json.dumps(properties["Definition"])
    values = properties.get("DefinitionSubstitutions", {})
    return SUBSTITUTION.sub(lambda m: str(values.get(m[1], m[0])), text)


class LocalLambda:
    """The one call of boto3's Lambda client that the interpreter makes, without HTTP in between."""

    def __init__(self, region: str, account_id: str):
        self._region = region
        self._account_id = account_id

    def invoke(self, FunctionName: str, Payload: bytes = b"{}", **_: Any) -> dict[str, Any]:  # noqa: N803
        """What boto3's `invoke` gives."""
        headers: dict[str, Any] = {}
        backend = lambda_backends[self._account_id][self._region]  # another one after each reset
        body: Any = backend.invoke(FunctionName, None, Payload, {}, headers) or b""
        result = {"StatusCode": 200, "ExecutedVersion": "$LATEST", "Payload": io.BytesIO(body)}
        if "x-amz-function-error" in headers:
            result["FunctionError"] = headers["x-amz-function-error"]
        return result


def install(endpoint_url: str, account_id: str) -> Executions:
    """Patch moto's state machines in this process."""
    executions = Executions()
    anything: Any = models
    anything.stepfunctions_backends = stepfunctions_parser_backends

    @functools.cache
    def client(service: str, region: str) -> Any:
        if service == "lambda":
            return LocalLambda(region, account_id)
        return boto3.session.Session().client(
            service,
            region_name=region,
            endpoint_url=endpoint_url,
            aws_access_key_id="test",
            aws_secret_access_key="test",  # noqa: S106
            config=Config(
                parameter_validation=False, retries={"total_max_attempts": 1}, max_pool_connections=64
            ),
        )

    clients = threading.Lock()

    def boto_client_for(region: str, service: str, state_credentials: Any = None) -> Any:
        with clients:
            return client(service, region)

    for name, module in list(sys.modules.items()):
        if name.startswith("moto.stepfunctions.parser") and hasattr(module, "boto_client_for"):
            setattr(module, "boto_client_for", boto_client_for)  # noqa: B010  (it is there: see above)

    _patch_cloudformation()
    _patch_backend(executions)
    _patch_end(executions)
    return executions


def _patch_cloudformation() -> None:
    def create(
        cls: type[StateMachine],
        resource_name: str,
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
        **_: Any,
    ) -> Any:
        properties = cloudformation_json["Properties"]
        return stepfunctions_parser_backends[account_id][region_name].create_state_machine(
            properties.get("StateMachineName", resource_name),
            definition_of(properties, account_id),
            properties.get("RoleArn", ""),
            tags=cfn_to_api_tags(properties.get("Tags", [])),
        )

    machine: Any = StateMachine
    machine.create_from_cloudformation_json = classmethod(create)  # type: ignore[arg-type]


def _patch_backend(executions: Executions) -> None:
    backend: Any = StepFunctionsParserBackend
    delete, describe = backend.delete_state_machine, backend.describe_execution

    def delete_state_machine(self: StepFunctionsParserBackend, arn: str) -> None:
        for machine in self.state_machines:
            if machine.arn == arn:
                executions.keep(machine.executions)
        delete(self, arn)

    def describe_execution(self: StepFunctionsParserBackend, execution_arn: str) -> Any:
        return executions.kept(execution_arn) or describe(self, execution_arn)

    backend.delete_state_machine = delete_state_machine
    backend.describe_execution = describe_execution


def _patch_end(executions: Executions) -> None:
    worker: Any = BaseExecutionWorkerCommunication
    terminated = worker.terminated

    def tell(self: BaseExecutionWorkerCommunication) -> None:
        terminated(self)
        executions.tell()

    worker.terminated = tell
