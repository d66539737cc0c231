"""CloudFormation's way to the state machines of the child process.

CloudFormation makes resources through moto's classes. Replaced in moto.stepfunctions.models:
`StateMachine.create_from_cloudformation_json`, `update_...`, `delete_...` and `has_cfn_attr`.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, Final

from moto.s3.models import s3_backends
from moto.stepfunctions.models import StateMachine

from harness.cloudformation.faults import TemplateRefused, refuse, yaml_problem
from harness.cloudformation.text import text_of
from harness.engine.moto.stepfunctions import StateMachines, log_group_exists
from harness.regions import partition_of
from harness.service_names import capitalized, lowered
from harness.stepfunctions.arns import Caller
from harness.stepfunctions.configuration import DEFAULTS

SUBSTITUTION: Final = re.compile(r"\$\{([A-Za-z0-9_]+)\}")
ATTRIBUTES: Final = ("Arn", "Name", "StateMachineRevisionId")


@dataclass
class DeployedMachine:
    """A state machine as moto's CloudFormation holds it."""

    physical_resource_id: str
    name: str
    revision_id: str

    def get_cfn_attribute(self, attribute: str) -> str:
        """Return the value of Fn::GetAtt."""
        values = (self.physical_resource_id, self.name, self.revision_id)
        return dict(zip(ATTRIBUTES, values, strict=True))[attribute]

    def is_created(self) -> bool:
        """Return True: nothing is made in the background."""
        return True


def definition_of(properties: dict[str, Any], caller: Caller) -> str:
    """Return the definition text for the properties of an AWS::StepFunctions::StateMachine.

    Raises TemplateRefused when the object that has it is not there, or is neither JSON nor YAML.
    """
    values = properties.get("DefinitionSubstitutions", {})

    def substituted(text: str) -> str:
        return SUBSTITUTION.sub(lambda m: text_of(values[m[1]]) if m[1] in values else m[0], text)

    if "DefinitionS3Location" in properties:
        place = properties["DefinitionS3Location"]
        key = s3_backends[caller.account_id][partition_of(caller.region)].get_object(
            place["Bucket"], place["Key"]
        )
        if key is None:
            raise refuse(f"DefinitionS3Location: there is no s3://{place['Bucket']}/{place['Key']}")
        return _json(substituted(key.value.decode()), place["Key"].rpartition("/")[2])
    if "DefinitionString" in properties:
        return substituted(properties["DefinitionString"])
    return substituted(json.dumps(properties["Definition"]))


def _json(text: str, name: str) -> str:
    """A definition from a file, which may be YAML: variables are replaced before it is read.

    Broken JSON stays as it is, for Step Functions to refuse.
    """
    if text.lstrip().startswith("{"):
        return text
    from harness.cloudformation.yaml_reading import read_yaml  # noqa: PLC0415  (start-up)

    try:
        return json.dumps(read_yaml(text, aliases=False))
    except TemplateRefused as error:
        place = error.faults[0].place
        where = f"{name}:{place[0]}:{place[1]}" if place else name
        raise refuse(f"DefinitionS3Location: {where}: {yaml_problem(error.faults[0])}") from error


def _tags(properties: dict[str, Any]) -> list[dict[str, str]]:
    return [{"key": tag["Key"], "value": tag["Value"]} for tag in properties.get("Tags", [])]


def _configuration(properties: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """The configurations of a resource as the API takes them.

    Those it does not have are the defaults, which an update goes back to. LoggingConfiguration is left out
    when the engine does not have the log group: it may be in the real account.
    """
    found = {
        name: _lowered(properties.get(capitalized(name)) or default) for name, default in DEFAULTS.items()
    }
    for destination in found["loggingConfiguration"].get("destinations", []):
        group = destination.get("cloudWatchLogsLogGroup", {})
        name = str(group.get("logGroupArn", "")).partition(":log-group:")[2].removesuffix(":*")
        if not log_group_exists(caller, name):
            return {**found, "loggingConfiguration": DEFAULTS["loggingConfiguration"]}
        group["logGroupArn"] = f"{group['logGroupArn'].removesuffix(':*')}:*"
    return found


def _lowered(value: Any) -> Any:
    if isinstance(value, dict):
        return {lowered(key): _lowered(each) for key, each in value.items()}
    return [_lowered(each) for each in value] if isinstance(value, list) else value


class StackMachines:
    """The state machines that stacks make, change and delete; methods take what moto gives its own class."""

    def __init__(self, machines: StateMachines) -> None:
        self._machines = machines

    def install(self) -> None:
        """Let moto's CloudFormation call these methods."""
        patched: Any = StateMachine
        patched.create_from_cloudformation_json = self.create
        patched.update_from_cloudformation_json = self.update
        patched.delete_from_cloudformation_json = self.delete
        patched.has_cfn_attr = lambda attribute: attribute in ATTRIBUTES

    def create(
        self,
        resource_name: str,
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
        **_: Any,
    ) -> DeployedMachine:
        """Make the state machine of a resource."""
        properties = cloudformation_json["Properties"]
        caller = Caller(account_id, region_name)
        parameters = {
            "name": properties.get("StateMachineName", resource_name),
            "definition": definition_of(properties, caller),
            "roleArn": properties["RoleArn"],
            "tags": _tags(properties),
            "type": properties.get("StateMachineType", "STANDARD"),
            **_configuration(properties, caller),
        }
        made = self._call("CreateStateMachine", caller, parameters)
        return self._deployed(caller, made["stateMachineArn"])

    def update(
        self,
        original_resource: DeployedMachine,
        new_resource_name: str,
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
    ) -> DeployedMachine:
        """Change a state machine; one with another name replaces it."""
        properties = cloudformation_json["Properties"]
        arn = original_resource.physical_resource_id
        if properties.get("StateMachineName", original_resource.name) != original_resource.name:
            replacement = self.create(new_resource_name, cloudformation_json, account_id, region_name)
            self.delete(arn, cloudformation_json, account_id, region_name)
            return replacement
        caller = Caller(account_id, region_name)
        changes = {
            "definition": definition_of(properties, caller),
            "roleArn": properties["RoleArn"],
            **_configuration(properties, caller),
        }
        self._call("UpdateStateMachine", caller, {"stateMachineArn": arn, **changes})
        old = self._call("ListTagsForResource", caller, {"resourceArn": arn})["tags"]
        self._call("UntagResource", caller, {"resourceArn": arn, "tagKeys": [tag["key"] for tag in old]})
        self._call("TagResource", caller, {"resourceArn": arn, "tags": _tags(properties)})
        return self._deployed(caller, arn)

    def delete(self, resource_name: str, _: dict[str, Any], account_id: str, region_name: str) -> None:
        """Delete the state machine with this ARN."""
        self._call("DeleteStateMachine", Caller(account_id, region_name), {"stateMachineArn": resource_name})

    def _deployed(self, caller: Caller, arn: str) -> DeployedMachine:
        shown = self._call("DescribeStateMachine", caller, {"stateMachineArn": arn})
        return DeployedMachine(arn, shown["name"], shown.get("revisionId", "INITIAL"))

    def _call(self, operation: str, caller: Caller, parameters: dict[str, Any]) -> dict[str, Any]:
        return self._machines.api.call(operation, caller, parameters)
