"""A stand-in for a resource that is not created. It has only a name, and attributes in AWS's format.

A stack lists it with the status CREATE_FAILED and the reason "not served here: ...", and continues.
"""

from __future__ import annotations

import hashlib
import re
import string
from functools import cache
from typing import Final, Self

from moto.cloudformation.exceptions import UnformattedGetAttTemplateException

from harness.engine.moto.resources import aws_types, forms
from harness.engine.moto.resources.forms import Form
from harness.engine.moto.resources.model import CannotMake, Resource, Wanted
from harness.engine.moto.resources.unserved_types import meaning
from harness.json_types import Json

# The resource part of ARNs. For other types, this part contains the type in lower case, as in
# `arn:aws:glue:...:job/nightly`.
# https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
_ARN_FORMS: Final = {
    "AWS::ApiGateway::RestApi": "apigateway:/restapis/{name}",
    "AWS::CloudWatch::Alarm": "cloudwatch:alarm:{name}",
    "AWS::Events::ApiDestination": "events:api-destination/{name}/{id}",
    "AWS::Lambda::CodeSigningConfig": "lambda:code-signing-config:csc-{id}",
    "AWS::Scheduler::Schedule": "scheduler:schedule/{group}/{name}",
    "AWS::Scheduler::ScheduleGroup": "scheduler:schedule-group/{name}",
    "AWS::StepFunctions::Activity": "states:activity:{name}",
    "AWS::StepFunctions::StateMachine": "states:stateMachine:{name}",
}
_ARN_SERVICES: Final = {
    "certificatemanager": "acm",
    "cognito": "cognito-idp",
    "elasticloadbalancingv2": "elasticloadbalancing",
    "kinesisfirehose": "firehose",
    "msk": "kafka",
    "opensearchservice": "es",
    "stepfunctions": "states",
}
_REF_NAMES: Final = {
    "AWS::CloudFormation::Macro": "Name",
    "AWS::SecretsManager::ResourcePolicy": "SecretId",
}
"""Types for which Ref returns a property other than the identifier."""
_ANSWERED: Final = ("Custom::", "AWS::CloudFormation::CustomResource")
"""Types whose attributes depend on their functions."""
_TIME: Final = "2025-01-01T00:00:00Z"
_ID_CHARACTERS: Final = string.ascii_lowercase + string.digits
_ID_LENGTH: Final = 10  # as in API Gateway


class NotServed(Resource):
    """A resource that is declared but not created. `reason` is empty if the type is the reason."""

    reason = ""

    def __init__(self, wanted: Wanted) -> None:
        self.wanted = wanted
        given = wanted.properties
        names = aws_types.identifiers(wanted.type)
        own = next((str(given[name]) for name in names if isinstance(given.get(name), str)), "")
        self.name = own or _declared_name(wanted) or wanted.name
        super().__init__(
            "|".join(self._identifier(name) for name in _of_ref(wanted.type, names)) or self.name
        )

    def _identifier(self, name: str) -> str:
        given = self.wanted.properties.get(name)
        return given if isinstance(given, str) else self._text(name)

    @classmethod
    def make(cls, wanted: Wanted) -> Self:
        """Return the stand-in. Creates no resource."""
        return cls(wanted)

    @classmethod
    def has_attribute(cls, attribute: str) -> bool:
        """Return whether the type has an attribute. Always True if the type has no schema."""
        known = aws_types.attributes(cls.TYPE)
        return not known or attribute in (*known, "Id") or attribute.partition(".")[0] in known

    def get_cfn_attribute(self, attribute: str) -> Json:
        """Return a value in the format that the attribute has on AWS."""
        if not self.has_attribute(attribute):
            raise UnformattedGetAttTemplateException
        if self.wanted.type.startswith(_ANSWERED):
            raise CannotMake(
                f"the attribute {attribute} of {self.wanted.logical_id} ({self.wanted.type}) is not known: "
                f"{self.reason or meaning(self.wanted.type)}"
            )
        given: Json = self.wanted.properties
        for name in attribute.split("."):
            given = given.get(name) if isinstance(given, dict) else None
        if given is not None:
            return given
        if attribute == "Id" and attribute not in aws_types.attributes(self.wanted.type):
            return self.physical_resource_id
        return self._value(attribute, forms.of(self.wanted.type, attribute))

    def _value(self, attribute: str, form: Form) -> Json:
        """Return a value of the given form. Strings are derived from the name `attribute`."""
        if form.kind == "array":
            return [self._value(attribute.removesuffix("s"), form.item)] if form.item else []
        if form.kind == "object":
            return {name: self._value(name, inner) for name, inner in form.members.items()}
        if form.kind == "boolean":
            return False
        if form.kind in ("integer", "number"):
            return 1
        return form.choice or self._text(attribute)

    def _text(self, attribute: str) -> str:
        host = f"{self._id(attribute)}.{self._service}.{self.wanted.region}.amazonaws.com"
        if attribute.endswith("Arn"):
            return self._arn()
        if attribute.endswith("Id"):
            return self._id(attribute)
        if attribute.endswith(("Url", "Uri", "URL", "ApiEndpoint")):
            return f"https://{host}"
        if attribute.endswith(("Endpoint", "DomainName", "DNSName", "DnsName", "Address", "Host")):
            return host
        if attribute.endswith(("At", "Time", "Date", "Timestamp")):
            return _TIME
        return self.name

    @property
    def _service(self) -> str:
        return self.wanted.type.split("::")[1].lower()

    def _arn(self) -> str:
        kind = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", self.wanted.type.split("::")[-1]).lower()
        service = _ARN_SERVICES.get(self._service, self._service)
        form = _ARN_FORMS.get(self.wanted.type, f"{service}:{kind}/{{name}}")
        group = self.wanted.text("GroupName", "default")
        service, _, rest = form.format(name=self.name, id=self._id("Arn"), group=group).partition(":")
        arn = self.wanted.arn(service, rest)
        return arn.replace(f":iam:{self.wanted.region}:", ":iam::")

    def _id(self, attribute: str) -> str:
        digest = hashlib.sha256(f"{self.wanted.name}.{attribute}".encode()).digest()
        return "".join(_ID_CHARACTERS[byte % len(_ID_CHARACTERS)] for byte in digest[:_ID_LENGTH])


@cache
def stand_in_of(kind: str) -> type[NotServed]:
    """Return the stand-in class for a type."""
    return type("NotServed", (NotServed,), {"TYPE": kind})


def _declared_name(wanted: Wanted) -> str:
    """Return the name that the template specifies: `Name`, or `AlarmName` for an alarm."""
    kind = wanted.type.split("::")[-1]
    return wanted.text("Name") or wanted.text(f"{kind}Name")


def _of_ref(kind: str, names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the identifiers that make up the value of Ref: all of them, or only the resource's own."""
    if kind in _REF_NAMES:
        return (_REF_NAMES[kind],)
    own = [name for name in names if name in aws_types.read_only(kind)]
    if len(names) > 1 and len(own) == 1:
        return tuple(own)
    return names[-1:] if kind.startswith("AWS::ApiGateway") else names
