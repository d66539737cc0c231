"""The definition and configuration of a state machine, from its template properties."""

from __future__ import annotations

import json
import re
from typing import Any, Final

from moto.s3.models import s3_backends

from harness.cloudformation.faults import TemplateRefused, refuse, yaml_problem
from harness.cloudformation.text import text_of
from harness.engine.moto.state_logs import log_group_exists
from harness.regions import partition_of
from harness.service_names import capitalized, lowered
from harness.stepfunctions.arns import Caller
from harness.stepfunctions.configuration import DEFAULTS

SUBSTITUTION: Final = re.compile(r"\$\{([A-Za-z0-9_]+)\}")


def definition_of(properties: dict[str, Any], caller: Caller) -> str:
    """Return the definition string for the properties of an AWS::StepFunctions::StateMachine.

    Raises TemplateRefused if the object with the definition does not exist, or is neither JSON nor YAML.
    """
    values = properties.get("DefinitionSubstitutions", {})

    def substituted(text: str) -> str:
        return SUBSTITUTION.sub(lambda m: text_of(values[m[1]]) if m[1] in values else m[0], text)

    if "DefinitionS3Location" in properties:
        bucket, key = (properties["DefinitionS3Location"][part] for part in ("Bucket", "Key"))
        try:
            text = text_in_s3(caller, bucket, key)
        except TemplateRefused as refused:
            raise refuse(f"DefinitionS3Location: {refused}") from refused
        return _json(substituted(text), key.rpartition("/")[2])
    if "DefinitionString" in properties:
        return substituted(properties["DefinitionString"])
    return substituted(json.dumps(properties["Definition"]))


def text_in_s3(caller: Caller, bucket: str, key: str) -> str:
    """Return the content of an S3 object in the engine. Raises TemplateRefused if it does not exist."""
    backend = s3_backends[caller.account_id][partition_of(caller.region)]
    found = backend.get_object(bucket, key) if bucket in backend.buckets else None
    if found is None:
        raise refuse(
            f"s3://{bucket}/{key} does not exist in the engine",
            remedy="specify a local file with its content",
        )
    text: str = found.value.decode(errors="replace")
    return text


def _json(text: str, name: str) -> str:
    """Return a definition from a JSON or YAML file. Variables are replaced before parsing.

    Invalid JSON is returned unchanged and rejected by Step Functions.
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


def configuration_of(properties: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Return the configurations of a resource in the API's format.

    Missing configurations get their defaults, even in an update. LoggingConfiguration is omitted if the
    log group does not exist in the engine, because it may exist in the real account.
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
