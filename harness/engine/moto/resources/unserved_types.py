"""The resource types that the engine does not create, with the consequences for a run.

A type is looked up by name, then by service (`AWS::Glue::`). A type in neither list is also not
created. A separate list contains the types for which moto only stores a record that does nothing.
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
    "AWS::CloudFormation::Macro": "it is not created: templates that use the macro are not transformed",
    "AWS::CloudFormation::WaitCondition": "it is not created: the stack does not wait for its signals",
    "AWS::CloudFormation::WaitConditionHandle": "it is not created: its URL receives no signals",
    "AWS::CloudWatch::": NOBODY_USES_IT,
    "AWS::ApplicationAutoScaling::": "it is not created: nothing scales",
    "AWS::Budgets::": NOBODY_USES_IT,
    "AWS::CodeDeploy::": "it is not created: a new version gets all of the traffic at once",
    "AWS::Events::ApiDestination": "it is not created: no rule or task can call its endpoint",
    "AWS::Events::EventBusPolicy": "it is not created: events from other accounts are not received",
    "AWS::Lambda::CodeSigningConfig": "it is not created: code signatures are not checked",
    "AWS::Lambda::EventInvokeConfig": (
        "it is not created: a failed asynchronous invocation is retried twice, which is the default, and "
        "its destinations receive nothing"
    ),
    "AWS::Lambda::LayerVersionPermission": "it is not created: every account may use the layer",
    "AWS::Lambda::Url": "it is not created: no request reaches the function through its URL",
    "AWS::Logs::": NOBODY_USES_IT,
    "AWS::Logs::SubscriptionFilter": "it is not created: log events trigger nothing",
    "AWS::Pipes::Pipe": (
        "it is not created: nothing is sent from its source to its target; start the run with the input that "
        "the pipe would send"
    ),
    "AWS::S3::AccessPoint": "it is not created: requests must name the bucket itself",
    "AWS::S3ObjectLambda::": "it is not created: objects are returned unchanged from the bucket",
    "AWS::Scheduler::": "it is not created: it starts nothing; start the run with the schedule's input",
    "AWS::SecretsManager::ResourcePolicy": "it is not created: the secret's own policy is not checked",
    "AWS::SecretsManager::RotationSchedule": "it is not created: the secret is never rotated",
    "AWS::XRay::": NOBODY_USES_IT,
}

UNKNOWN: Final = "it is not created: a task that uses it cannot run"

RECORDS: Final[dict[str, str]] = {
    "AWS::AutoScaling::": "it is only a record: nothing scales",
    "AWS::Batch::JobQueue": "it is only a record: no job runs",
    "AWS::DataPipeline::": "it is only a record: nothing runs in it",
    "AWS::EC2::Instance": "it is only a record: no machine runs",
    "AWS::ECS::Service": "it is only a record: no container runs",
    "AWS::ECS::TaskDefinition": "it is only a record: no container runs",
    "AWS::EFS::FileSystem": "it is only a record: no function can mount it",
    "AWS::EMR::Cluster": "it is only a record: no step runs",
    "AWS::ElasticLoadBalancing::": "it is only a record: no request reaches it",
    "AWS::ElasticLoadBalancingV2::LoadBalancer": "it is only a record: no request reaches it",
    "AWS::Events::Archive": "it is only a record: nothing is replayed",
    "AWS::IoT::": "it is only a record: no device is connected",
    "AWS::RDS::DBInstance": "it is recorded, but no database runs",
    "AWS::Redshift::Cluster": "it is recorded, but no database runs",
    "AWS::SSM::Document": "it exists only as a record and is not run",
    "AWS::SageMaker::": "it is only a record: no model responds",
}

WITHDRAWN: Final = ("AWS::ApiGateway::", "AWS::CloudWatch::Dashboard")
"""Types that moto supports but the engine does not create, because moto fails or the result is unusable."""

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
"""Types that workflows depend on. If the engine fails to create or delete such a resource, the failure is
treated like an AWS error.
"""


def is_withdrawn(name: str) -> bool:
    """Return whether the engine ignores moto's support for a type."""
    return name.startswith(WITHDRAWN)


def meaning(name: str) -> str:
    """Return the consequences for a run if the type is not created."""
    return _found(NOT_CREATED, name) or UNKNOWN


def meaning_of_record(name: str) -> str:
    """Return the consequences for a run if a resource of this type is only a record.

    Empty if the resource is only a record on AWS, too.
    """
    return _found(RECORDS, name)


def _found(table: dict[str, str], name: str) -> str:
    return table.get(name) or table.get(name.rpartition("::")[0] + "::", "")
