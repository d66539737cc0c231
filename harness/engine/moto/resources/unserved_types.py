"""The resource types that no one makes here, and what that means for a run.

A type is looked up by its name, then by its service (`AWS::Glue::`); what is in neither is not made either.
Types of which moto keeps a record that does nothing are listed apart.
"""

from __future__ import annotations

from typing import Final

NOBODY_USES_IT: Final = "it is not created; no state can use it"

NOT_CREATED: Final[dict[str, str]] = {
    "AWS::ApiGateway::": (
        "it is not created: no request reaches the API; start the run with the input that the API would send"
    ),
    "AWS::ApiGatewayV2::": (
        "it is not created: no request reaches the API; start the run with the input that the API would send"
    ),
    "AWS::AppSync::": (
        "it is not created: no request reaches the API; start the run with the input that the API would send"
    ),
    "AWS::CloudFormation::Macro": "it is not created: templates that name the macro are not transformed",
    "AWS::CloudFormation::WaitCondition": "it is not created: the stack does not wait for its signals",
    "AWS::CloudFormation::WaitConditionHandle": "it is not created: no signal arrives at its address",
    "AWS::CloudWatch::": NOBODY_USES_IT,
    "AWS::ApplicationAutoScaling::": "it is not created: nothing scales",
    "AWS::Budgets::": NOBODY_USES_IT,
    "AWS::CodeDeploy::": "it is not created: a new version takes all of the traffic at once",
    "AWS::Events::ApiDestination": "it is not created: no rule and no task can call its address",
    "AWS::Events::EventBusPolicy": "it is not created: events of other accounts do not arrive",
    "AWS::Lambda::CodeSigningConfig": "it is not created: signatures of code are not checked",
    "AWS::Lambda::EventInvokeConfig": (
        "it is not created: an asynchronous invocation that fails is tried twice more, as without it; its "
        "destinations hear nothing"
    ),
    "AWS::Lambda::LayerVersionPermission": "it is not created: every account may use the layer",
    "AWS::Lambda::Url": "it is not created: no request reaches the function by its URL",
    "AWS::Logs::": NOBODY_USES_IT,
    "AWS::Logs::SubscriptionFilter": "it is not created: what is logged sets off nothing",
    "AWS::Pipes::Pipe": (
        "it is not created: nothing goes from its source to its target; start the run with the input that "
        "the pipe would send"
    ),
    "AWS::S3::AccessPoint": "it is not created: only the bucket itself can be named",
    "AWS::S3ObjectLambda::": "it is not created: objects are read as they are in the bucket",
    "AWS::Scheduler::": "it is not created: it starts nothing; start the run with the schedule's input",
    "AWS::SecretsManager::ResourcePolicy": "it is not created: the secret's own policy is not checked",
    "AWS::SecretsManager::RotationSchedule": "it is not created: the secret is never rotated",
    "AWS::XRay::": NOBODY_USES_IT,
}

UNKNOWN: Final = "it is not created: a task that uses it cannot run"

RECORDS: Final[dict[str, str]] = {
    "AWS::AutoScaling::": "it is a record only: nothing scales",
    "AWS::Batch::JobQueue": "it is a record only: no job runs",
    "AWS::DataPipeline::": "it is a record only: nothing runs in it",
    "AWS::EC2::Instance": "it is a record only: no machine runs",
    "AWS::ECS::Service": "it is a record only: no container runs",
    "AWS::ECS::TaskDefinition": "it is a record only: no container runs",
    "AWS::EFS::FileSystem": "it is a record only: no function can mount it",
    "AWS::EMR::Cluster": "it is a record only: no step runs",
    "AWS::ElasticLoadBalancing::": "it is a record only: no request reaches it",
    "AWS::ElasticLoadBalancingV2::LoadBalancer": "it is a record only: no request reaches it",
    "AWS::Events::Archive": "it is a record only: nothing is replayed",
    "AWS::IoT::": "it is a record only: no device is connected",
    "AWS::RDS::DBInstance": "it is a record only: no database answers",
    "AWS::Redshift::Cluster": "it is a record only: no database answers",
    "AWS::SSM::Document": "it is a record only: it is not run",
    "AWS::SageMaker::": "it is a record only: no model answers",
}

WITHDRAWN: Final = ("AWS::ApiGateway::", "AWS::CloudWatch::Dashboard")
"""Types that moto has and that are not made here: what it makes of them fails, or nobody can use it."""

PROVED: Final = (
    "AWS::CloudFormation::",
    "AWS::DynamoDB::",
    "AWS::Events::",
    "AWS::IAM::",
    "AWS::KMS::",
    "AWS::Kinesis::",
    "AWS::Lambda::",
    "AWS::Logs::",
    "AWS::S3::",
    "AWS::SNS::",
    "AWS::SQS::",
    "AWS::SSM::Parameter",
    "AWS::SecretsManager::",
    "AWS::StepFunctions::",
    "Custom::",
)
"""Types that workflows are proved with: what fails here is taken for what AWS would refuse."""


def is_withdrawn(name: str) -> bool:
    """Tell whether moto's own way to make a type is left aside."""
    return name.startswith(WITHDRAWN)


def meaning(name: str) -> str:
    """Say what it means for a run that a type is not made."""
    return _found(NOT_CREATED, name) or UNKNOWN


def meaning_of_record(name: str) -> str:
    """Say what it means for a run that a type is a record only; empty where it is no more on AWS."""
    return _found(RECORDS, name)


def _found(table: dict[str, str], name: str) -> str:
    return table.get(name) or table.get(name.rpartition("::")[0] + "::", "")
