"""AWS's optimized integrations: their actions and patterns, and the parameters that the APIs do not have.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/integrate-optimized.html, and the page for each
service.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

PATTERNS: Final = ("", "sync", "sync:2", "waitForTaskToken")
_SYNC: Final = ("", "sync")
_TOKEN: Final = ("", "waitForTaskToken")
_REQUEST: Final = ("",)


@dataclass(frozen=True, slots=True)
class Integration:
    """One action.

    Attributes:
        patterns: the supported patterns; the empty string is request-response.
        service: the boto3 name of the service whose API defines the parameters; None if `members` lists them
            all.
        operation: the API operation, if its name differs from the action's name.
        members: parameters that the API does not have.
        required: required parameters, in addition to those that the API requires.
        json: parameters that can be any JSON although the API expects a string.
    """

    patterns: tuple[str, ...]
    service: str | None = None
    operation: str = ""
    members: frozenset[str] = frozenset()
    required: tuple[str, ...] = ()
    json: frozenset[str] = frozenset()


def _own(patterns: tuple[str, ...], required: str, optional: str = "") -> Integration:
    """Return an integration whose parameters do not come from an API."""
    needed = tuple(required.split())
    return Integration(patterns, members=frozenset([*needed, *optional.split()]), required=needed)


def _api(service: str, actions: Mapping[str, tuple[str, ...]]) -> dict[str, Integration]:
    """Return integrations with the API's parameters."""
    return {action: Integration(patterns, service) for action, patterns in actions.items()}


_HTTP: Final = "Headers QueryParameters RequestBody"
_KUBERNETES: Final = "ClusterName CertificateAuthority Endpoint"

OPTIMIZED: Final[Mapping[str, Mapping[str, Integration]]] = {
    "apigateway": {
        "invoke": _own(_TOKEN, "ApiEndpoint Method", f"{_HTTP} Stage Path AllowNullValues AuthType"),
    },
    "athena": _api(
        "athena",
        {
            "startQueryExecution": _SYNC,
            "stopQueryExecution": _REQUEST,
            "getQueryExecution": _REQUEST,
            "getQueryResults": _REQUEST,
        },
    ),
    "batch": _api("batch", {"submitJob": _SYNC}),
    "bedrock": {
        "invokeModel": Integration(
            _TOKEN, "bedrock-runtime", members=frozenset({"Input", "Output"}), json=frozenset({"Body"})
        ),
        "createModelCustomizationJob": Integration(_SYNC, "bedrock"),
    },
    "bedrockagentcore": _api("bedrock-agentcore", {"invokeHarness": _REQUEST}),
    "codebuild": _api(
        "codebuild",
        {
            "startBuild": _SYNC,
            "stopBuild": _REQUEST,
            "batchDeleteBuilds": _REQUEST,
            "batchGetReports": _REQUEST,
            "startBuildBatch": _SYNC,
            "stopBuildBatch": _REQUEST,
            "retryBuildBatch": _SYNC,
            "deleteBuildBatch": _REQUEST,
        },
    ),
    "databrew": _api("databrew", {"startJobRun": _SYNC}),
    "dynamodb": _api("dynamodb", dict.fromkeys(("getItem", "putItem", "updateItem", "deleteItem"), _REQUEST)),
    "ecs": _api("ecs", {"runTask": ("", "sync", "waitForTaskToken")}),
    "eks": {
        "runJob": _own(("", "sync", "waitForTaskToken"), f"{_KUBERNETES} Job", "Namespace LogOptions"),
        "call": _own(_TOKEN, f"{_KUBERNETES} Method Path", "QueryParameters RequestBody"),
        **_api(
            "eks",
            dict.fromkeys(
                (
                    "createCluster",
                    "createFargateProfile",
                    "createNodegroup",
                    "deleteCluster",
                    "deleteFargateProfile",
                    "deleteNodegroup",
                ),
                _SYNC,
            ),
        ),
    },
    "elasticmapreduce": {
        "createCluster": Integration(_SYNC, "emr", "RunJobFlow"),
        "setClusterTerminationProtection": _own(_REQUEST, "ClusterId TerminationProtected"),
        "terminateCluster": _own(_SYNC, "ClusterId"),
        "addStep": _own(_SYNC, "ClusterId Step", "ExecutionRoleArn"),
        "cancelStep": _own(_REQUEST, "ClusterId StepId", "StepCancellationOption"),
        "modifyInstanceFleetByName": _own(_REQUEST, "ClusterId InstanceFleetName InstanceFleet"),
        "modifyInstanceGroupByName": _own(_REQUEST, "ClusterId InstanceGroupName InstanceGroup"),
    },
    "emr-containers": _api(
        "emr-containers",
        {"createVirtualCluster": _REQUEST, "deleteVirtualCluster": _SYNC, "startJobRun": _SYNC},
    ),
    "emr-serverless": _api(
        "emr-serverless",
        dict.fromkeys(
            (
                "createApplication",
                "startApplication",
                "stopApplication",
                "deleteApplication",
                "startJobRun",
                "cancelJobRun",
            ),
            _SYNC,
        ),
    ),
    "events": {"putEvents": Integration(_TOKEN, "events", json=frozenset({"Detail"}))},
    "glue": _api("glue", {"startJobRun": _SYNC}),
    "http": {
        "invoke": _own(_REQUEST, "ApiEndpoint Method", f"{_HTTP} Authentication InvocationConfig Transform"),
    },
    "lambda": {"invoke": Integration(_TOKEN, "lambda", json=frozenset({"Payload", "ClientContext"}))},
    "mediaconvert": _api("mediaconvert", {"createJob": _SYNC}),
    "sagemaker": _api(
        "sagemaker",
        {
            "createEndpoint": _REQUEST,
            "createEndpointConfig": _REQUEST,
            "createHyperParameterTuningJob": _SYNC,
            "createLabelingJob": _SYNC,
            "createModel": _REQUEST,
            "createProcessingJob": _SYNC,
            "createTrainingJob": _SYNC,
            "createTransformJob": _SYNC,
            "updateEndpoint": _REQUEST,
        },
    ),
    "sns": {"publish": Integration(_TOKEN, "sns", json=frozenset({"Message"}))},
    "sqs": {"sendMessage": Integration(_TOKEN, "sqs", json=frozenset({"MessageBody"}))},
    "states": {"startExecution": Integration(PATTERNS, "stepfunctions", json=frozenset({"Input"}))},
}
"""Integrations by service and action in the Resource."""

STORAGE: Final[Mapping[str, Integration]] = {
    "getObject": Integration(_REQUEST, "s3"),
    "listObjectsV2": Integration(_REQUEST, "s3"),
    "putObject": _own(_REQUEST, "Bucket", "Prefix ExpectedBucketOwner"),
}
"""S3 actions that ItemReader and ResultWriter use, by name.

Sources: https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itemreader.html and
https://docs.aws.amazon.com/step-functions/latest/dg/input-output-resultwriter.html
"""
