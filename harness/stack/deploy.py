"""Packages a template, deploys it unchanged, and removes the packaged files."""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.engine.clients import Clients
from harness.json_types import as_dict
from harness.polling import PollTimeout, poll
from harness.reasons import read_reasons
from harness.stack.model import DeployError, Resource, Stack
from harness.stack.not_served import notes_of, place_of
from harness.stack.origins import origin_of, origins_in
from harness.stack.packaging import Code, Package, package
from harness.stack.sam_project import build_note
from harness.stack.template import check, look_at, written
from harness.stack.transformed import NO_PARAMETERS

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.type_defs import ParameterTypeDef

# TemplateBody accepts 51,200 bytes, TemplateURL 1 MB:
# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
TEMPLATE_BODY_LIMIT = 51_200
DEPLOY_TIMEOUT_S = 300.0
NO_UPDATES = "No updates are to be performed"
_BUCKET = "harness-artifacts-"
CAPABILITIES = ("CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND")


def deploy(
    clients: Clients,
    template: Path,
    name: str,
    parameters: Mapping[str, str],
    code: Code | None = None,
) -> Stack:
    """Create the stack and wait until it is complete. `code` defines how its code is packaged.

    The bucket with the packaged code is deleted before this function returns, so a workflow that lists
    buckets never sees it. Raises TemplateError and DeployError.
    """
    check(template, parameters, clients.endpoint.region)
    bucket = f"{_BUCKET}{time.time_ns()}"
    with _packaged(clients, template, bucket, parameters, code) as (packaged, where):
        _create(clients, name, where, parameters, template)
    return _described(clients, name, template, parameters, packaged, bucket)


def update(
    clients: Clients,
    template: Path,
    name: str,
    parameters: Mapping[str, str],
    code: Code | None = None,
) -> Stack:
    """Update a stack that `deploy` created, and wait until the update is complete. See `deploy`.

    Unchanged code keeps its S3 location, as with `aws cloudformation package`, so it does not count as a
    change. A template without changes is not an error.
    """
    check(template, parameters, clients.endpoint.region)
    bucket = _bucket_of(clients, name) or f"{_BUCKET}{time.time_ns()}"
    with _packaged(clients, template, bucket, parameters, code) as (packaged, where):
        _update(clients, name, where, parameters, template)
    return _described(clients, name, template, parameters, packaged, bucket)


def delete(clients: Clients, name: str) -> None:
    """Delete a stack, and wait until the deletion is complete. Raises DeployError."""
    clients.cloudformation.delete_stack(StackName=name)
    status = poll(
        lambda: _status(clients, name),
        lambda status: not status.endswith("_IN_PROGRESS"),
        what=f"deleting stack {name}",
        timeout_s=DEPLOY_TIMEOUT_S,
    )
    if status not in ("", "DELETE_COMPLETE"):
        raise DeployError(f"stack {name} cannot be deleted: its status is {status}")


def _status(clients: Clients, name: str) -> str:
    """Return the status of a stack, or "" if it does not exist."""
    from botocore.exceptions import ClientError  # noqa: PLC0415  (start-up)

    try:
        return str(clients.cloudformation.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"])
    except ClientError:
        return ""


def _bucket_of(clients: Clients, name: str) -> str:
    """Return the bucket that contained the code for a stack, or "" if the stack has no code."""
    body = clients.cloudformation.get_template(StackName=name)["TemplateBody"]
    text = body if isinstance(body, str) else json.dumps(body)
    found = re.search(rf"{_BUCKET}\d+", text)
    return found[0] if found else ""


@contextmanager
def _packaged(
    clients: Clients, template: Path, bucket: str, parameters: Mapping[str, str], code: Code | None
) -> Iterator[tuple[Package, dict[str, str]]]:
    """Provide the packaged template as parameters for CloudFormation. Its bucket is deleted at the end."""
    packaged = package(template, bucket, parameters, clients.endpoint.region, code)
    clients.create_bucket(bucket)
    try:
        for key, content in packaged.files.items():
            clients.s3.put_object(Bucket=bucket, Key=key, Body=content)
        where = {"TemplateBody": packaged.body}
        if len(packaged.body.encode()) > TEMPLATE_BODY_LIMIT:
            clients.s3.put_object(Bucket=bucket, Key="template", Body=packaged.body.encode())
            where = {"TemplateURL": f"{clients.endpoint.url}/{bucket}/template"}
        _put_assets(clients, packaged.assets)
        yield packaged, where
    finally:
        for listed in clients.s3.list_objects_v2(Bucket=bucket).get("Contents", []):
            clients.s3.delete_object(Bucket=bucket, Key=listed["Key"])
        clients.s3.delete_bucket(Bucket=bucket)


def _described(
    clients: Clients,
    name: str,
    template: Path,
    parameters: Mapping[str, str],
    packaged: Package,
    bucket: str,
) -> Stack:
    text = json.dumps([packaged.body.replace(bucket, ""), dict(parameters)], sort_keys=True)
    fingerprint = hashlib.sha256(text.encode()).hexdigest()
    stack = describe(clients, name, template, parameters=parameters)
    note = build_note(template, written(template))
    notes = (*stack.notes, *packaged.notes, *([note] if note else ()))
    return replace(stack, fingerprint=fingerprint, notes=notes)


def _put_assets(clients: Clients, assets: Mapping[tuple[str, str], bytes]) -> None:
    """Upload CDK assets to CDK's buckets. The buckets stay, because on AWS `cdk bootstrap` creates them."""
    from botocore.exceptions import ClientError  # noqa: PLC0415  (start-up)

    for (bucket, key), content in assets.items():
        place = bucket.replace("${AWS::AccountId}", clients.endpoint.account_id)
        place = place.replace("${AWS::Region}", clients.endpoint.region)
        try:
            clients.s3.head_bucket(Bucket=place)
        except ClientError:
            clients.create_bucket(place)
        clients.s3.put_object(Bucket=place, Key=key, Body=content)


def describe(
    clients: Clients,
    name: str,
    template: Path | None = None,
    label: str = "",
    parameters: Mapping[str, str] = NO_PARAMETERS,
) -> Stack:
    """Return an existing stack that was created from `template`. `name` may be its ARN. `label` is an
    alternative name.

    `parameters` are the parameters that it was created with, if they are known.

    Raises DeployError if the stack does not exist.
    """
    label = label or name
    from botocore.exceptions import ClientError  # noqa: PLC0415  (start-up)

    try:
        described = clients.cloudformation.describe_stacks(StackName=name)["Stacks"][0]
    except ClientError as error:
        raise DeployError(f"stack {name} not found: {error}") from error
    pages = clients.cloudformation.get_paginator("list_stack_resources").paginate(StackName=name)
    listed = [summary for page in pages for summary in page["StackResourceSummaries"]]
    resources = {
        each["LogicalResourceId"]: Resource(each["ResourceType"], each.get("PhysicalResourceId", ""))
        for each in listed
    }
    declared = as_dict(look_at(template, parameters)["Resources"]) if template else {}
    origins = {
        name_: origin_of(template, label, name_, declared.get(name_), resource.type)
        for name_, resource in resources.items()
        if template
    }
    not_served = {each["LogicalResourceId"] for each in listed if each["ResourceStatus"] == "CREATE_FAILED"}
    reasons = {each["LogicalResourceId"]: each.get("ResourceStatusReason", "") for each in listed}
    return Stack(
        name=label,
        outputs={o["OutputKey"]: o["OutputValue"] for o in described.get("Outputs", [])},
        resources={name: resource for name, resource in resources.items() if name not in not_served},
        not_served={name: resource for name, resource in resources.items() if name in not_served},
        origins=origins,
        ids={label: described.get("StackId", "")},
        notes=notes_of(template, resources, reasons, parameters),
    )


def _create(
    clients: Clients, name: str, where: dict[str, str], parameters: Mapping[str, str], template: Path
) -> None:
    status = _ended(
        clients,
        name,
        template,
        lambda: clients.cloudformation.create_stack(
            StackName=name,
            Capabilities=CAPABILITIES,  # type: ignore[arg-type]
            Parameters=_given(parameters),
            OnFailure="DO_NOTHING",
            **where,  # type: ignore[arg-type]
        ),
        what=f"deploying stack {name}",
    )
    if status != "CREATE_COMPLETE":
        raise DeployError(
            f"deployment of stack {name} ended with {status}{_failures(clients, name, template)}"
        )


def _update(
    clients: Clients, name: str, where: dict[str, str], parameters: Mapping[str, str], template: Path
) -> None:
    status = _ended(
        clients,
        name,
        template,
        lambda: clients.cloudformation.update_stack(
            StackName=name,
            Capabilities=CAPABILITIES,  # type: ignore[arg-type]
            Parameters=_given(parameters),
            **where,  # type: ignore[arg-type]
        ),
        what=f"updating stack {name}",
    )
    if status not in ("UPDATE_COMPLETE", NO_UPDATES):
        raise DeployError(f"update of stack {name} ended with {status}{_failures(clients, name, template)}")


def _given(parameters: Mapping[str, str]) -> list[ParameterTypeDef]:
    return [{"ParameterKey": name, "ParameterValue": value} for name, value in parameters.items()]


def _ended(clients: Clients, name: str, template: Path, begin: Callable[[], object], *, what: str) -> str:
    """Return the final status of a stack change, or NO_UPDATES if nothing has changed.

    Raises:
        DeployError: the change is rejected, or does not finish.
    """
    from botocore.exceptions import ClientError  # noqa: PLC0415  (start-up)

    try:
        begin()
        return poll(
            lambda: clients.cloudformation.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"],
            lambda status: not status.endswith("_IN_PROGRESS"),
            what=what,
            timeout_s=DEPLOY_TIMEOUT_S,
        )
    except PollTimeout as error:
        raise DeployError(f"stack {name}: {error}{_failures(clients, name, template)}") from error
    except ClientError as error:
        if NO_UPDATES in str(error):
            return NO_UPDATES
        said = _by_constructs(str(error), template, name)
        if error.response["ResponseMetadata"]["HTTPStatusCode"] >= 500:
            said = f"the engine raised an exception: {error.response['Error'].get('Message') or error}"
        raise DeployError(f"stack {name}: {said}") from error


def _by_constructs(text: str, template: Path, name: str) -> str:
    """Return a string with CDK resources shown by their construct names, as in all other messages."""
    for id_, origin in origins_in(template, name).items():
        if origin.construct:
            text = text.replace(f"{id_} ({origin.type})", origin.shown())
    return text


def _failure(template: Path, stack: str, event: Mapping[str, Any]) -> str:
    """Return a sentence about a resource that could not be created, with its location in the template."""
    id_, kind = event["LogicalResourceId"], event.get("ResourceType", "")
    place = "" if id_ == stack else f"{place_of(template, id_, '')}: "
    return f"{place}{id_} ({kind}): {event.get('ResourceStatusReason', '')}"


def _failures(clients: Clients, name: str, template: Path) -> str:
    from botocore.exceptions import ClientError  # noqa: PLC0415  (start-up)

    with suppress(ClientError):
        events = clients.cloudformation.describe_stack_events(StackName=name)["StackEvents"]
        failed = [
            event
            for event in reversed(events)
            if event.get("ResourceStatus", "").endswith("_FAILED")
            and not any(read_reasons(event.get("ResourceStatusReason", "")))
        ]
        # The stack's own event only lists the resources.
        of_resources = [event for event in failed if event["LogicalResourceId"] != name] or failed
        said = "".join(f"\n  {_failure(template, name, event)}" for event in of_resources)
        return _by_constructs(said, template, name)
    return ""
