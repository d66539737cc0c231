"""Stand-ins for the names and ARNs that AWS generates for a new resource.

With them, all functions in a template can be evaluated without a deployment. `!Sub` and `!Join` with the same
parts then return the same string, and ARNs in policies can be compared.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from harness.cloudformation.names import NAME_PROPERTIES
from harness.cloudformation.pseudo import pseudo_of
from harness.cloudformation.types import identifier_of, schema_of
from harness.json_types import Json, JsonObject, as_dict
from harness.regions import ACCOUNT, REGION, domain_of, partition_of

_UUID: Final = "5a4e7c1d-0000-4000-8000-000000000000"
MADE, REMADE = "XXXXXXXXXXXX", "YYYYYYYYYYYY"
"""Stand-ins for the random suffix of a generated name, and for the suffix of a replacement's name."""
# The value of GetAtt Arn, after `arn:PARTITION:`.
_ARNS: Final[Mapping[str, str]] = {
    "AWS::CloudFormation::Stack": "cloudformation:{region}:{account}:stack/{name}/" + _UUID,
    "AWS::Cognito::UserPool": "cognito-idp:{region}:{account}:userpool/{name}",
    "AWS::DynamoDB::GlobalTable": "dynamodb:{region}:{account}:table/{name}",
    "AWS::DynamoDB::Table": "dynamodb:{region}:{account}:table/{name}",
    "AWS::ECR::Repository": "ecr:{region}:{account}:repository/{name}",
    "AWS::ECS::Cluster": "ecs:{region}:{account}:cluster/{name}",
    "AWS::ECS::TaskDefinition": "ecs:{region}:{account}:task-definition/{name}:1",
    "AWS::EFS::FileSystem": "elasticfilesystem:{region}:{account}:file-system/{name}",
    "AWS::Events::EventBus": "events:{region}:{account}:event-bus/{name}",
    "AWS::Events::Rule": "events:{region}:{account}:rule/{name}",
    "AWS::IAM::ManagedPolicy": "iam::{account}:policy{path}{name}",
    "AWS::IAM::Role": "iam::{account}:role{path}{name}",
    "AWS::IAM::User": "iam::{account}:user{path}{name}",
    "AWS::KMS::Key": "kms:{region}:{account}:key/{name}",
    "AWS::Kinesis::Stream": "kinesis:{region}:{account}:stream/{name}",
    "AWS::KinesisFirehose::DeliveryStream": "firehose:{region}:{account}:deliverystream/{name}",
    "AWS::Lambda::Function": "lambda:{region}:{account}:function:{name}",
    "AWS::Logs::LogGroup": "logs:{region}:{account}:log-group:{name}:*",
    "AWS::S3::Bucket": "s3:::{name}",
    "AWS::SNS::Topic": "sns:{region}:{account}:{name}",
    "AWS::SQS::Queue": "sqs:{region}:{account}:{name}",
    "AWS::SecretsManager::Secret": "secretsmanager:{region}:{account}:secret:{name}",
    "AWS::StepFunctions::Activity": "states:{region}:{account}:activity:{name}",
    "AWS::StepFunctions::StateMachine": "states:{region}:{account}:stateMachine:{name}",
}
_REF_IS_ARN: Final = frozenset(
    {
        "AWS::CloudFormation::Stack",
        "AWS::ECS::TaskDefinition",
        "AWS::IAM::ManagedPolicy",
        "AWS::SNS::Topic",
        "AWS::SecretsManager::Secret",
        "AWS::StepFunctions::Activity",
        "AWS::StepFunctions::StateMachine",
    }
)


@dataclass(frozen=True)
class Where:
    """The account, Region and name of a stack."""

    stack: str
    account: str = ACCOUNT
    region: str = REGION

    @property
    def pseudo(self) -> dict[str, Json]:
        """Return the values of the pseudo parameters."""
        partition = partition_of(self.region)
        stack_id = f"arn:{partition}:cloudformation:{self.region}:{self.account}:stack/{self.stack}/{_UUID}"
        return {
            **pseudo_of(self.region),
            "AWS::AccountId": self.account,
            "AWS::Region": self.region,
            "AWS::StackId": stack_id,
            "AWS::StackName": self.stack,
        }


@dataclass(frozen=True)
class StandIn:
    """A resource as seen by other resources. `name` is the physical name, or its stand-in."""

    type: str
    name: str
    where: Where
    path: str = "/"

    @property
    def ref(self) -> str:
        """Return the value of Ref."""
        if self.type == "AWS::SQS::Queue":
            domain = domain_of(self.where.region)
            return f"https://sqs.{self.where.region}.{domain}/{self.where.account}/{self.name}"
        return self.arn if self.type in _REF_IS_ARN else self.name

    @property
    def arn(self) -> str:
        """Return the value of GetAtt Arn."""
        form = _ARNS.get(self.type)
        if form is None:
            service = self.type.split("::")[1].lower() if self.type.count("::") > 1 else "custom"
            form = service + ":{region}:{account}:{name}"
        found = form.format(
            name=self.name, path=self.path, region=self.where.region, account=self.where.account
        )
        return f"arn:{partition_of(self.where.region)}:{found}"

    def attribute(self, name: str) -> str:
        """Return the value of GetAtt."""
        if name.endswith("Arn") and self.type in _ARNS:
            return self.arn if name in ("Arn", "TopicArn") else f"{self.arn}/{name}"
        if name.endswith("Name") and f"{self.type.rpartition('::')[2]}Name" == name:
            return self.name
        if name in ("Name", "Id"):
            return self.name
        return self.arn if name == "Arn" else f"{self.name}.{name}"


def name_property(resource_type: str) -> str | None:
    """Return the property that sets a resource's unique name in the account.

    None if its type has no such property.
    """
    if resource_type in NAME_PROPERTIES:
        return NAME_PROPERTIES[resource_type]
    identifier = identifier_of(resource_type)
    properties = as_dict((schema_of(resource_type) or {}).get("properties"))
    read_only = (schema_of(resource_type) or {}).get("readOnlyProperties", [])
    if identifier in properties and f"/properties/{identifier}" not in (read_only or []):  # type: ignore[operator]
        return identifier
    short = f"{resource_type.rpartition('::')[2]}Name"
    return short if short in properties else None


def fixed_name(resource_type: str, properties: JsonObject) -> str:
    """Return the resource name that a template specifies; "" if CloudFormation generates it."""
    name = properties.get(name_property(resource_type) or "")
    return name if isinstance(name, str) else ""
