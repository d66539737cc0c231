"""A task's result model, determined by the state's Resource.

The result of a request is the API operation's response. The result of a `.sync` task is all or part of the
response to a different operation, which Step Functions uses to poll the job. Sources: the page for each
service at https://docs.aws.amazon.com/step-functions/latest/dg/integrate-optimized.html, and AWS's examples.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from harness.scenario import aws_names
from harness.scenario.aws_names import Shape
from harness.service_names import SDK_NAMES, capitalized
from harness.states.resource import Resource


class _Source(NamedTuple):
    """The API response that becomes the result, by service and operation. `part` is the member to use."""

    service: str
    operation: str
    part: str = ""


_STRING: Final = {"shape": "Text"}
_HTTP: Final = {
    "StatusCode": {"shape": "Number"},
    "StatusText": _STRING,
    "Headers": {"shape": "Json"},
    "ResponseBody": {"shape": "Json"},
}
_OWN_SHAPES: Final[Mapping[str, Any]] = {
    "Text": {"type": "string"},
    "Number": {"type": "integer"},
    "Json": {"type": "structure", "document": True, "members": {}},
    "Http": {"type": "structure", "members": _HTTP},
    "Cluster": {
        "type": "structure",
        "members": {"ClusterId": _STRING, "ClusterArn": _STRING, "Cluster": {"shape": "Json"}},
    },
    "Step": {"type": "structure", "members": {"StepId": _STRING, "Step": {"shape": "Json"}}},
    "Nothing": {"type": "structure", "members": {}},
}
# Results that are not API responses.
_OWN: Final[Mapping[str, str]] = {
    "apigateway:invoke": "Http",
    "http:invoke": "Http",
    "eks:call": "Http",
    "elasticmapreduce:createCluster.sync": "Cluster",
    "elasticmapreduce:terminateCluster": "Nothing",
    "elasticmapreduce:terminateCluster.sync": "Cluster",
    "elasticmapreduce:addStep": "Step",
    "elasticmapreduce:addStep.sync": "Step",
    "elasticmapreduce:cancelStep": "Step",
    "elasticmapreduce:setClusterTerminationProtection": "Nothing",
    "elasticmapreduce:modifyInstanceFleetByName": "Nothing",
    "elasticmapreduce:modifyInstanceGroupByName": "Nothing",
}
_SERVERLESS_APPLICATION: Final = _Source("emr-serverless", "GetApplication")
_SERVERLESS_JOB: Final = _Source("emr-serverless", "GetJobRun")
_SOURCES: Final[Mapping[str, _Source]] = {
    "athena:startQueryExecution.sync": _Source("athena", "GetQueryExecution"),
    "batch:submitJob.sync": _Source("batch", "DescribeJobs", "jobs"),
    "bedrock:createModelCustomizationJob.sync": _Source("bedrock", "GetModelCustomizationJob"),
    "bedrock:invokeModel": _Source("bedrock-runtime", "InvokeModel"),
    "bedrockagentcore:invokeHarness": _Source("bedrock-runtime", "Converse"),
    "databrew:startJobRun.sync": _Source("databrew", "DescribeJobRun"),
    "ecs:runTask.sync": _Source("ecs", "DescribeTasks", "tasks"),
    "eks:createCluster.sync": _Source("eks", "DescribeCluster"),
    "eks:createFargateProfile.sync": _Source("eks", "DescribeFargateProfile"),
    "eks:createNodegroup.sync": _Source("eks", "DescribeNodegroup"),
    "elasticmapreduce:createCluster": _Source("emr", "RunJobFlow"),
    "emr-containers:deleteVirtualCluster.sync": _Source("emr-containers", "DescribeVirtualCluster"),
    "emr-containers:startJobRun.sync": _Source("emr-containers", "DescribeJobRun"),
    "emr-serverless:cancelJobRun.sync": _SERVERLESS_JOB,
    "emr-serverless:createApplication.sync": _SERVERLESS_APPLICATION,
    "emr-serverless:deleteApplication.sync": _SERVERLESS_APPLICATION,
    "emr-serverless:startApplication.sync": _SERVERLESS_APPLICATION,
    "emr-serverless:startJobRun.sync": _SERVERLESS_JOB,
    "emr-serverless:stopApplication.sync": _SERVERLESS_APPLICATION,
    "glue:startJobRun.sync": _Source("glue", "GetJobRun", "JobRun"),
    "mediaconvert:createJob.sync": _Source("mediaconvert", "GetJob"),
    "sagemaker:createHyperParameterTuningJob.sync": _Source("sagemaker", "DescribeHyperParameterTuningJob"),
    "sagemaker:createLabelingJob.sync": _Source("sagemaker", "DescribeLabelingJob"),
    "sagemaker:createProcessingJob.sync": _Source("sagemaker", "DescribeProcessingJob"),
    "sagemaker:createTrainingJob.sync": _Source("sagemaker", "DescribeTrainingJob"),
    "sagemaker:createTransformJob.sync": _Source("sagemaker", "DescribeTransformJob"),
    "states:startExecution.sync": _Source("stepfunctions", "DescribeExecution"),
    "states:startExecution.sync:2": _Source("stepfunctions", "DescribeExecution"),
}
# Members that are strings in the API, but JSON in Step Functions.
_JSON: Final[Mapping[str, frozenset[str]]] = {
    "bedrock:invokeModel": frozenset({"Body"}),
    "lambda:invoke": frozenset({"Payload"}),
    "states:startExecution.sync:2": frozenset({"Input", "Output"}),
}
METADATA: Final = frozenset({"SdkHttpMetadata", "SdkResponseMetadata"})
"""Members that Step Functions adds to the responses of some services."""


@dataclass(frozen=True)
class ResultModel:
    """The model for a result.

    Attributes:
        resource: the source of the result, as it appears in the state's Resource: `ecs:runTask.sync`.
        shape: None for an empty response.
        json: members that may be any JSON, regardless of the shape.
        java: members may be spelled as in the AWS SDK for Java 2.
        api: true for a response from the SDK for Python: members are spelled as in the API, and a blob may be
            JSON.
    """

    resource: str
    shape: Shape | None
    json: frozenset[str] = frozenset()
    java: bool = False
    api: bool = False


def named(resource: str) -> str:
    """Return an integration's name without its ARN prefix. A function's ARN is unchanged.

    >>> named("arn:aws:states:::ecs:runTask.sync"), named("ecs:runTask.sync")
    ('ecs:runTask.sync', 'ecs:runTask.sync')
    """
    found = Resource.of(resource)
    return f"{found.type}:{found.name}" if found.type else resource


def parsed(resource: str) -> Resource:
    """Return a Resource with its ARN prefix, from a Resource with or without `arn:aws:states:::`."""
    return Resource.of(resource if resource.startswith("arn:") else f"arn:aws:states:::{resource}")


def model_of(resource: str) -> ResultModel | None:
    """Return a result's model. None if it may be any JSON: functions, task tokens, no API model."""
    found, name = parsed(resource), named(resource)
    if found.is_function or found.waits_for_token:
        return None
    if name in _OWN:
        return ResultModel(name, Shape(_OWN_SHAPES, _OWN[name]))
    called = _submitted_of(found) if name not in _SOURCES else _SOURCES[name]
    service = aws_names.service(called.service) if called else None
    if called is None or service is None or called.operation not in service.operations:
        return None
    shape = service.output(called.operation)
    if called.part and shape is not None:
        shape = shape.members[called.part]
        shape = shape.inner if shape.kind == "list" else shape
    return ResultModel(name, shape, _JSON.get(name, frozenset()), java=found.type.startswith("aws-sdk:"))


def model_of_call(service: str, operation: str) -> ResultModel | None:
    """Return the model for an SDK response; None if AWS does not have this operation."""
    described = aws_names.service(service)
    if described is None or operation not in described.operations:
        return None
    return ResultModel(f"{service}:{operation}", described.output(operation), api=True)


def _submitted_of(resource: Resource) -> _Source | None:
    """Return a task's API call, even if its result comes from a different call; None if it has no API."""
    request = f"{resource.type}:{resource.action}"
    if request in _SOURCES:
        return _SOURCES[request]
    if request in _OWN or (resource.type, resource.action) == ("eks", "runJob"):
        return None
    sdk = resource.type.removeprefix("aws-sdk:")
    service = SDK_NAMES.get(sdk, sdk) if sdk != resource.type else sdk
    return _Source(service, capitalized(resource.action))


def submitted_model(resource: str) -> ResultModel | None:
    """Return the model for the output in TaskSubmitted for a `.sync` or token task: the response to the
    call.
    """
    found = parsed(resource)
    return model_of(f"{found.type}:{found.action}") if found.type else None
