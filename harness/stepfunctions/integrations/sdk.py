"""The services that `aws-sdk:` supports, by AWS's names for them.

The names come from the SDK for Java 2: the service ID in lower case, without spaces and without a trailing
`Service`. Source: https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from harness.service_names import SDK_NAMES

_UNSUPPORTED: Final[Mapping[str, str]] = {
    "applicationdiscovery": "describeExportConfigurations exportConfigurations",
    "bedrockagentruntime": "invokeAgent invokeFlow invokeInlineAgent optimizePrompt "
    "retrieveAndGenerateStream",
    "bedrockruntime": "invokeModelWithResponseStream converseStream",
    "cloudwatchlogs": "startLiveTail",
    "codedeploy": "batchGetDeploymentInstances getDeploymentInstance listDeploymentInstances "
    "skipWaitTimeForInstanceTermination",
    "comprehendmedical": "detectEntities",
    "dataexchange": "sendApiAsset",
    "directconnect": "allocateConnectionOnInterconnect describeConnectionLoa "
    "describeConnectionsOnInterconnect describeInterconnectLoa",
    "efs": "createTags",
    "elastictranscoder": "testRole",
    "emr": "describeJobFlows",
    "iot": "attachPrincipalPolicy listPrincipalPolicies detachPrincipalPolicy listPolicyPrincipals",
    "iotdeviceadvisor": "listTestCases",
    "iotsitewise": "invokeAssistant",
    "kinesis": "subscribeToShard",
    "lambda": "invokeAsync invokeWithResponseStream",
    "lexruntimev2": "startConversation",
    "mediapackage": "rotateChannelCredentials",
    "qbusiness": "chat",
    "rdsdata": "executeSql",
    "s3": "selectObjectContent",
    "s3control": "selectObjectContent",
    "sagemakerruntime": "invokeEndpointWithResponseStream",
    "shield": "deleteSubscription",
    "sts": "assumeRole assumeRoleWithSAML assumeRoleWithWebIdentity",
}
_RETIRED_NAMES: Final = (
    "alexaforbusiness backupstorage codestar elasticinference elastictranscoder evidently gamesparks "
    "honeycode iot1clickdevices iot1clickprojects iotanalytics iotevents iotfleethub lookoutmetrics "
    "lookoutvision macie mobile nimble opsworks opsworkscm panorama privatenetworks qldb qldbsession "
    "robomaker simspaceweaver sms worklink"
)
RETIRED: Final = frozenset(_RETIRED_NAMES.split())
"""Services that AWS has discontinued and botocore has removed. Older definitions can name them."""
# Its endpoint belongs to a user's API. CreateStateMachine rejects it.
_NO_SERVICES: Final = ("apigatewaymanagementapi",)


def is_unsupported(service: str, action: str) -> bool:
    """Return whether AWS explicitly excludes an action from the integrations."""
    return action in _UNSUPPORTED.get(service, "").split()


def boto3_service(service: str, available: frozenset[str]) -> str | None:
    """Return the boto3 name for an `aws-sdk:` service, or None.

    Args:
        available: the services that botocore supports.

    >>> boto3_service("cloudwatchlogs", frozenset({"logs"})), boto3_service("logs", frozenset({"logs"}))
    ('logs', None)
    """
    if service in SDK_NAMES:
        return SDK_NAMES[service]
    if service in _NO_SERVICES or not service.isalnum() or service != service.lower():
        return None
    others = frozenset(SDK_NAMES.values())
    return next((name for name in available if name.replace("-", "") == service and name not in others), None)
