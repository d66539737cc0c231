"""The state machines of the child process: a simulation, its API, and CloudFormation's way to them.

moto's own Step Functions are never asked. Patched in moto.stepfunctions.models, because CloudFormation makes
resources through moto's classes: `StateMachine.create_from_cloudformation_json`, `update_...`, `delete_...`
and `has_cfn_attr`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from moto.s3.models import s3_backends
from moto.stepfunctions.models import StateMachine

from harness.functions.faults.registry import FaultRegistry
from harness.states import Simulation, Work
from harness.stepfunctions.api import StepFunctions
from harness.stepfunctions.arns import Caller
from harness.stepfunctions.functions import Functions
from harness.stepfunctions.protocol import Reply, caller_of, reply_to
from harness.stepfunctions.runner import Runner, clock_of
from harness.stepfunctions.services import Services
from harness.stepfunctions.task_time import ClockMode
from harness.stepfunctions.tasks import Tasks

SUBSTITUTION: Final = re.compile(r"\$\{([A-Za-z0-9_]+)\}")
ATTRIBUTES: Final = ("Arn", "Name", "StateMachineRevisionId")


class StateMachines:
    """Runs the state machines of this process: one simulation after another, each with its API.

    Args:
        faults: those of tasks.
        stop_functions: ends what functions are doing at the moment.
    """

    def __init__(
        self,
        functions: Functions,
        services: Services,
        faults: FaultRegistry,
        caller: Caller,
        stop_functions: Callable[[], None],
    ) -> None:
        self._functions = functions
        self._faults = faults
        self._services = services
        self._caller = caller
        self._stop_functions = stop_functions
        self._begin(ClockMode.VIRTUAL)

    def _begin(self, mode: ClockMode) -> None:
        self.tasks = Tasks(self._functions, self._services, self._faults)
        self.simulation = Simulation(self.tasks, clock=clock_of(mode))
        self.api = StepFunctions(self.simulation)
        self.tasks.connect(self.api, self.simulation.clock)
        self.runner = Runner(self.simulation, mode)
        self.runner.start()

    def reset(self, mode: ClockMode = ClockMode.VIRTUAL) -> None:
        """Begin anew with another simulation; nothing of the old one goes on."""
        self.tasks.close()
        self.runner.close()
        self.tasks.drain(self._stop_functions)
        self._begin(mode)

    def answer(self, target: str, body: bytes, authorization: str, request_id: str) -> Reply:
        """Answer a request; `request_id` is of the invocation in which it is made, empty for none."""
        caller = caller_of(authorization, self._caller)
        return reply_to(self.api, target, body, caller, self.tasks.work(request_id))

    def wait(self, execution_arn: str, timeout_s: float) -> bool:
        """Let time pass until an execution has ended; whether it did within `timeout_s` of real time."""
        return self.runner.wait(self.api.executions.find(self._caller, execution_arn), timeout_s)

    def sleep(self, request_id: str, seconds: float) -> float:
        """Let an invocation sleep on the clock, which is shown then."""
        work: Work | None = self.tasks.work(request_id)
        if work is not None:
            self.simulation.scheduler.sleep(work, seconds)
        return self.simulation.clock.now()


@dataclass
class DeployedMachine:
    """A state machine as moto's CloudFormation holds it."""

    physical_resource_id: str
    name: str
    revision_id: str

    def get_cfn_attribute(self, attribute: str) -> str:
        """The value of Fn::GetAtt."""
        values = (self.physical_resource_id, self.name, self.revision_id)
        return dict(zip(ATTRIBUTES, values, strict=True))[attribute]

    def is_created(self) -> bool:
        """Always: nothing is made in the background."""
        return True


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


def install(machines: StateMachines) -> None:
    """Let CloudFormation make, change and delete these state machines."""

    def call(operation: str, account_id: str, region: str, parameters: dict[str, Any]) -> dict[str, Any]:
        return machines.api.call(operation, Caller(account_id, region), parameters)

    def deployed(account_id: str, region: str, arn: str) -> DeployedMachine:
        shown = call("DescribeStateMachine", account_id, region, {"stateMachineArn": arn})
        return DeployedMachine(arn, shown["name"], shown.get("revisionId", "INITIAL"))

    def create(
        _: type[StateMachine],
        /,
        resource_name: str,
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
        **__: Any,
    ) -> DeployedMachine:
        properties = cloudformation_json["Properties"]
        parameters = {
            "name": properties.get("StateMachineName", resource_name),
            "definition": definition_of(properties, account_id),
            "roleArn": properties["RoleArn"],
            "tags": [{"key": tag["Key"], "value": tag["Value"]} for tag in properties.get("Tags", [])],
            "type": properties.get("StateMachineType", "STANDARD"),
        }
        made = call("CreateStateMachine", account_id, region_name, parameters)
        return deployed(account_id, region_name, made["stateMachineArn"])

    def update(
        cls: type[StateMachine],
        original_resource: DeployedMachine,
        new_resource_name: str,
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
    ) -> DeployedMachine:
        properties = cloudformation_json["Properties"]
        arn = original_resource.physical_resource_id
        if properties.get("StateMachineName", original_resource.name) != original_resource.name:
            replacement = create(cls, new_resource_name, cloudformation_json, account_id, region_name)
            delete(cls, arn, cloudformation_json, account_id, region_name)
            return replacement
        changes = {"definition": definition_of(properties, account_id), "roleArn": properties["RoleArn"]}
        call("UpdateStateMachine", account_id, region_name, {"stateMachineArn": arn, **changes})
        return deployed(account_id, region_name, arn)

    def delete(
        _: type[StateMachine], resource_name: str, __: dict[str, Any], account_id: str, region_name: str
    ) -> None:
        call("DeleteStateMachine", account_id, region_name, {"stateMachineArn": resource_name})

    patched: Any = StateMachine
    patched.create_from_cloudformation_json = classmethod(create)
    patched.update_from_cloudformation_json = classmethod(update)
    patched.delete_from_cloudformation_json = classmethod(delete)
    patched.has_cfn_attr = classmethod(lambda _, attribute: attribute in ATTRIBUTES)
