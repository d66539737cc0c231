"""The model of the result of a task, by the state's Resource.

That of a request is the answer of the API's operation. What a `.sync` task gives is the answer of another
operation, by which Step Functions sees that the job has ended, or a part of it. Sources: the page of each
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
    """The answer that is a result: of a service and operation; `part` is the member of it that is meant."""

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
# Results that are no answer of an API.
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
# Members that Step Functions shows as JSON although the API has text.
_JSON: Final[Mapping[str, frozenset[str]]] = {
    "bedrock:invokeModel": frozenset({"Body"}),
    "lambda:invoke": frozenset({"Payload"}),
    "states:startExecution.sync:2": frozenset({"Input", "Output"}),
}
METADATA: Final = frozenset({"SdkHttpMetadata", "SdkResponseMetadata"})
"""Members that Step Functions itself adds to the answers of some services."""


@dataclass(frozen=True)
class ResultModel:
    """The model of a result.

    Attributes:
        resource: what it is the result of, as in the state's Resource: `ecs:runTask.sync`.
        shape: None for an answer that is empty.
        json: members that may be any JSON, whatever the shape has.
        java: members may be written as the SDK for Java 2 has them.
        api: it is what an SDK for Python answers: members are written as in the API, a blob may be JSON.
    """

    resource: str
    shape: Shape | None
    json: frozenset[str] = frozenset()
    java: bool = False
    api: bool = False


def named(resource: str) -> str:
    """The name of an integration without the ARN around it; a function's ARN stays as it is.

    >>> named("arn:aws:states:::ecs:runTask.sync"), named("ecs:runTask.sync")
    ('ecs:runTask.sync', 'ecs:runTask.sync')
    """
    found = Resource.of(resource)
    return f"{found.type}:{found.name}" if found.type else resource


def parsed(resource: str) -> Resource:
    """A Resource, as in a state or without `arn:aws:states:::`."""
    return Resource.of(resource if resource.startswith("arn:") else f"arn:aws:states:::{resource}")


def model_of(resource: str) -> ResultModel | None:
    """The model of a result; None where it may be any JSON: of functions, of tokens, of what has no model."""
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
    """The model of what an SDK answers; None where AWS has no such operation."""
    described = aws_names.service(service)
    if described is None or operation not in described.operations:
        return None
    return ResultModel(f"{service}:{operation}", described.output(operation), api=True)


def _submitted_of(resource: Resource) -> _Source | None:
    """The call that a task makes, also where its result is that of another one; None where it has no API."""
    request = f"{resource.type}:{resource.action}"
    if request in _SOURCES:
        return _SOURCES[request]
    if request in _OWN or (resource.type, resource.action) == ("eks", "runJob"):
        return None
    sdk = resource.type.removeprefix("aws-sdk:")
    service = SDK_NAMES.get(sdk, sdk) if sdk != resource.type else sdk
    return _Source(service, capitalized(resource.action))


def submitted_model(resource: str) -> ResultModel | None:
    """The model of what TaskSubmitted shows of a `.sync` task, or of one with a token: the call's answer."""
    found = parsed(resource)
    return model_of(f"{found.type}:{found.action}") if found.type else None
