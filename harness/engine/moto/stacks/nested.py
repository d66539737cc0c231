"""Nested stacks. The physical ID is the ARN, and the outputs are attributes."""

from __future__ import annotations

import re
from typing import Final, Self
from urllib.parse import unquote, urlsplit

from moto.cloudformation.exceptions import UnformattedGetAttTemplateException
from moto.cloudformation.utils import generate_stack_id
from moto.s3.models import s3_backends
from moto.utilities.utils import get_partition

from harness.engine.moto.resources.model import CannotMake, Resource, Wanted
from harness.engine.moto.stacks import capabilities, deletion, deployment
from harness.engine.moto.stacks.changes import is_same
from harness.engine.moto.stacks.finding import known
from harness.engine.moto.stacks.model import STACK, Stack, ValidationError
from harness.engine.moto.stacks.templates import prepared
from harness.json_types import Json

_OUTPUTS: Final = "Outputs."
_BUCKET_IN_HOST: Final = re.compile(r"(?P<bucket>.+)\.s3[.-].")
_IN_PATH: Final = re.compile(r"s3[.-].|localhost$|[\d.]+$")


class NestedStack(Resource):
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudformation-stack.html."""

    TYPE = STACK

    def __init__(self, stack: Stack) -> None:
        super().__init__(stack.id)
        self.stack = stack

    @classmethod
    def make(cls, wanted: Wanted) -> Self:
        """Create the stack. Raises CannotMake with all failures in the stack."""
        parent = known(wanted.account_id, wanted.region, wanted.stack_id)
        assert parent is not None
        stack = Stack(
            generate_stack_id(wanted.name, wanted.region, wanted.account_id),
            wanted.name,
            wanted.account_id,
            wanted.region,
            tags={**parent.tags, **wanted.own_tags()},
            on_failure="DO_NOTHING" if parent.on_failure == "DO_NOTHING" else "DELETE",
            notification_arns=wanted.texts("NotificationARNs"),
            capabilities=parent.capabilities,
            timeout_minutes=int(wanted.text("TimeoutInMinutes", "0")) or None,
            parent=parent.id,
            root=parent.root or parent.id,
        )
        text = _template(wanted)
        made = prepared(stack, text, _parameters(wanted))
        capabilities.check(made, stack.capabilities)
        stack.backend.stacks[stack.id] = stack
        deployment.create(stack, text, made, _parameters(wanted))
        if stack.status != "CREATE_COMPLETE":
            raise cls(stack)._failed("created")
        return cls(stack)

    def change(self, wanted: Wanted) -> Self:
        """Update the stack if its template or parameters have changed."""
        text = _template(wanted)
        given = _parameters(wanted)
        new = prepared(self.stack, text, given)
        parent = known(wanted.account_id, wanted.region, wanted.stack_id)
        tags = {**(parent.tags if parent else {}), **wanted.own_tags()}
        if is_same(self.stack, new, tags) and self.stack.parameters == given:
            return self
        self.stack.capabilities = parent.capabilities if parent else self.stack.capabilities
        capabilities.check(new, self.stack.capabilities)
        deployment.update(self.stack, text, new, given, tags)
        if self.stack.status != "UPDATE_COMPLETE":
            raise CannotMake(
                f"Embedded stack {self.stack.id} was not successfully updated: {failures(self.stack)}"
            )
        return self

    def delete(self, account_id: str, region_name: str) -> None:
        """Delete the stack. Raises CannotMake."""
        if self.stack.deleted is None:
            deletion.delete(self.stack)
        if self.stack.status != "DELETE_COMPLETE":
            raise CannotMake(
                f"Embedded stack {self.stack.id} was not successfully deleted: {failures(self.stack)}"
            )

    def _failed(self, verb: str) -> CannotMake:
        why = failures(self.stack)
        message = f"Embedded stack {self.stack.id} was not successfully {verb}: {why}"
        return CannotMake(message, self)

    def get_cfn_attribute(self, attribute: str) -> Json:
        """Return an output, for example `Outputs.Name`."""
        name = attribute.removeprefix(_OUTPUTS)
        if not attribute.startswith(_OUTPUTS) or name not in self.stack.outputs:
            raise UnformattedGetAttTemplateException
        return self.stack.outputs[name].value


def failures(stack: Stack) -> str:
    """Return the reasons why the last change to a stack failed, for the stack and for each resource."""
    events = []
    for event in reversed(stack.events):
        if event.physical_id == stack.id and event.reason == deletion.INITIATED:
            break
        events.append(event)
    failed = [
        f"{event.logical_id} ({event.type}): {event.reason}"
        for event in reversed(events)
        if event.status.endswith("_FAILED") and event.reason and event.id.startswith(event.logical_id)
    ]
    return "; ".join(failed) or stack.status_reason or stack.status


def _parameters(wanted: Wanted) -> dict[str, str]:
    given = wanted.properties.get("Parameters")
    return {name: str(value) for name, value in given.items()} if isinstance(given, dict) else {}


def _template(wanted: Wanted) -> str:
    url = wanted.properties.get("TemplateURL")
    if not isinstance(url, str):
        raise ValidationError(message="Property TemplateURL is required")
    return template_at(url, wanted.account_id, wanted.region)


def template_at(template_url: str, account_id: str, region: str) -> str:
    """Return the body of a template in a bucket. Raises ValidationError if it does not exist."""
    parts = urlsplit(template_url)
    host, path = parts.hostname or "", unquote(parts.path).lstrip("/")
    if parts.scheme == "s3":
        message = f"S3 error: Domain name specified in {host} is not a valid S3 domain"
        raise ValidationError(message=message)
    if own := _BUCKET_IN_HOST.match(host):
        bucket, key = own["bucket"], path
    elif _IN_PATH.match(host):
        bucket, _, key = path.partition("/")
    else:
        raise ValidationError(message="TemplateURL must be a supported URL.")
    found = s3_backends[account_id][get_partition(region)].buckets.get(bucket)
    stored = found.keys.get(key) if found is not None else None
    if stored is None:
        message = f"S3 error: Access Denied: no template found at {template_url}"
        raise ValidationError(message=message)
    text: str = stored.value.decode()
    return text
