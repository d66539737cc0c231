"""The IAM actions and resources that an AWS call requires.

`authorization` covers nearly all operations. The table in this module contains operations that are missing
there, or that AWS checks differently. Source for all entries: the Service Authorization Reference,
https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from harness.functions.shared.model import Call
from harness.permissions.authorization import Action, action_of
from harness.permissions.model import Context, Need
from harness.permissions.parameters import Parameters, Place
from harness.service_names import action_prefix

# "No permissions are required to perform this operation."
# https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
FREE = frozenset({"sts:GetCallerIdentity"})
UNKNOWN = frozenset(
    {
        # The statement's text determines the action: PartiQLSelect, PartiQLInsert, ...
        "dynamodb:ExecuteStatement",
        "dynamodb:BatchExecuteStatement",
        "dynamodb:ExecuteTransaction",
    }
)
# The reference lists these on "*", and SAM's policy templates on an ARN. AWS does not document which of the
# two it checks: a statement for any resource is enough.
# https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-policy-template-list.html
ANY_RESOURCE = frozenset(
    {
        "dynamodb:ListBackups",
        "dynamodb:ListStreams",
        "kinesis:DescribeLimits",
        "kinesis:ListStreams",
        "polly:DescribeVoices",
        "polly:ListLexicons",
        "rekognition:CompareFaces",
        "rekognition:CreateCollection",
        "rekognition:DetectFaces",
        "rekognition:DetectLabels",
        "rekognition:DetectModerationLabels",
        "rekognition:ListCollections",
        "serverlessrepo:CreateApplication",
        "serverlessrepo:ListApplications",
        "ses:GetIdentityVerificationAttributes",
        "ses:VerifyEmailIdentity",
    }
)
# The copy of the reference is older than these resource types: a statement for any resource is enough.
# `tests/compare_actions.py` lists them.
NEWER = frozenset(
    {
        "cloudwatch:GetMetricData",
        "cloudwatch:ListMetrics",
        "cloudwatch:PutMetricData",
        "dynamodb:ListExports",
        "dynamodb:ListImports",
        "ses:CreateAddonInstance",
        "ses:CreateAddonSubscription",
        "ses:CreateAddressList",
        "ses:CreateArchive",
        "ses:CreateIngressPoint",
        "ses:CreateRelay",
        "ses:CreateRuleSet",
        "ses:CreateTrafficPolicy",
        "ses:DeleteSuppressedDestination",
        "ses:GetSuppressedDestination",
        "ses:ListSuppressedDestinations",
        "ses:PutSuppressedDestination",
        "sts:GetFederationToken",
        "sts:SetSourceIdentity",
        "sts:TagSession",
        "s3:CreateAccessGrant",
        "s3:CreateAccessGrantsLocation",
        "sagemaker:CreateModelPackage",
    }
)
OF_SUBSCRIPTIONS = ("GetSubscriptionAttributes", "SetSubscriptionAttributes", "Unsubscribe")
OF_PARAMETERS = (
    "DeleteParameter",
    "DeleteParameters",
    "GetParameter",
    "GetParameterHistory",
    "GetParameters",
    "GetParametersByPath",
    "PutParameter",
)
_ROLE = re.compile(r"arn:[\w-]+:iam::\d*:role/.+")

Needs = Callable[[Parameters, Place], Iterator[Need]]


def needs(call: Call, place: Place) -> tuple[Need, ...]:
    """Return all permissions that `call` requires. Empty if its permissions are not known."""
    service = action_prefix(call.service)
    name = f"{service}:{call.operation}"
    parameters = Parameters(call.params)
    if (entry := _TABLE.get(name)) is not None:
        return tuple(entry(parameters, place))
    action = None if name in FREE | UNKNOWN else action_of(service, call.operation)
    return tuple(_of_reference(action, parameters, place)) if action else ()


def is_known(call: Call, place: Place) -> bool:
    """Return whether the permissions that `call` requires are known."""
    return bool(needs(call, place)) or f"{call.service}:{call.operation}" in FREE


def _of_reference(action: Action, parameters: Parameters, place: Place) -> Iterator[Need]:
    """Yield the permissions that an action needs on the resources that the call names."""
    context = _context(action, parameters)
    named = [arn for form in action.required if (arn := parameters.arn(form, place)) is not None]
    others = [arn for form in action.optional if (arn := parameters.arn(form, place)) is not None]
    if action.name in ANY_RESOURCE or action.name in NEWER:
        yield Need(action.name, None, context)
    elif action.required or action.optional:
        for resource in (*named, *others[: not named]) or (None,):
            yield Need(action.name, resource, context)
    else:
        yield Need(action.name, "*", context)
    if "iam:PassRole" in action.dependent:
        service = f"{action.name.partition(':')[0]}.amazonaws.com"
        for value in parameters.texts():
            if _ROLE.fullmatch(value):
                yield Need("iam:PassRole", value, {"iam:PassedToService": service})


def _context(action: Action, parameters: Parameters) -> Context:
    """Return the condition keys for listing a bucket, which policies use to restrict prefixes.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/amazon-s3-policy-keys.html
    """
    if action.name not in ("s3:ListBucket", "s3:ListBucketVersions"):
        return {}
    keys = {"s3:prefix": "Prefix", "s3:delimiter": "Delimiter", "s3:max-keys": "MaxKeys"}
    return {key: value for key, name in keys.items() if (value := parameters.text(name)) is not None}


def _as(operation: str) -> Needs:
    """Return a function for the needs of a different operation in the same service."""
    service, _, name = operation.partition(":")

    def entry(parameters: Parameters, place: Place) -> Iterator[Need]:
        action = action_of(service, name)
        assert action is not None, f"{operation} is in the reference"
        yield from _of_reference(action, parameters, place)

    return entry


def _delete_objects(parameters: Parameters, place: Place) -> Iterator[Need]:
    bucket = parameters.text("Bucket")
    objects = parameters.mapping("Delete").get("Objects")
    for item in objects if isinstance(objects, list) else ():
        key = item.get("Key") if isinstance(item, dict) else None  # a truncated list ends with a string
        if bucket and key:
            yield Need("s3:DeleteObject", f"arn:{place.partition}:s3:::{bucket}/{key}")


def _read(action: str) -> Needs:
    """Return a function for the permission that an action needs on a table, or on the index in the call."""

    def entry(parameters: Parameters, place: Place) -> Iterator[Need]:
        table, index = parameters.text("TableName"), parameters.text("IndexName")
        suffix = f"/index/{index}" if index else ""
        yield Need(action, _table_arn(table, place) + suffix if table else None)

    return entry


def _tables(action: str) -> Needs:
    def entry(parameters: Parameters, place: Place) -> Iterator[Need]:
        tables = parameters.mapping("RequestItems")
        yield from (Need(action, _table_arn(table, place)) for table in tables)
        if not tables:
            yield Need(action, None)

    return entry


def _transaction(parameters: Parameters, place: Place) -> Iterator[Need]:
    """Yield the needs of a transaction. Each item type, such as `{"Put": {...}}`, has its own action."""
    for item in parameters.listed("TransactItems"):
        for kind, of in item.items() if isinstance(item, dict) else ():
            table = of.get("TableName")
            yield Need(f"dynamodb:{kind}Item", table and _table_arn(table, place))


def _table_arn(table: str, place: Place) -> str:
    return table if table.startswith("arn:") else place.arn("dynamodb", f"table/{table}")


def _invoke(parameters: Parameters, place: Place) -> Iterator[Need]:
    """Yield the needs of Invoke. FunctionName is a name or an ARN, with an optional version or alias."""
    name, qualifier = parameters.text("FunctionName"), parameters.text("Qualifier")
    if name is None:
        yield Need("lambda:InvokeFunction", None)
        return
    function = name.partition("function:")[2] or name
    resource = function if not qualifier or ":" in function else f"{function}:{qualifier}"
    if name.startswith("arn:"):
        yield Need("lambda:InvokeFunction", name.partition("function:")[0] + f"function:{resource}")
    else:
        yield Need("lambda:InvokeFunction", place.arn("lambda", f"function:{resource}"))


def _publish(parameters: Parameters, _place: Place) -> Iterator[Need]:
    """Yield the needs of Publish. A text message to a phone number has no topic."""
    yield Need("sns:Publish", parameters.text("TopicArn") or parameters.text("TargetArn"))


def _subscription(action: str) -> Needs:
    """Return a function for the need of an action on a subscription.

    AWS checks it on the topic. A subscription's ARN begins with the topic's ARN.
    """

    def entry(parameters: Parameters, _place: Place) -> Iterator[Need]:
        arn = parameters.text("SubscriptionArn")
        yield Need(action, arn.rpartition(":")[0] if arn else None)

    return entry


def _put_events(parameters: Parameters, place: Place) -> Iterator[Need]:
    """Yield the needs of PutEvents. Each entry has the name or ARN of its bus. Default: the default bus."""
    buses = [entry.get("EventBusName") or "default" for entry in parameters.listed("Entries")
             if isinstance(entry, dict)]  # fmt: skip
    for bus in dict.fromkeys(map(str, buses)):
        arn = bus if bus.startswith("arn:") else place.arn("events", f"event-bus/{bus}")
        yield Need("events:PutEvents", arn)
    if not buses:
        yield Need("events:PutEvents", None)


def _of_parameters(action: str) -> Needs:
    """Return a function for the needs of an action on Systems Manager parameters.

    Their ARNs omit the leading slash in the name.
    """

    def entry(parameters: Parameters, place: Place) -> Iterator[Need]:
        given = [parameters.text("Name"), parameters.text("Path"), *parameters.listed("Names")]
        names = [name for name in given if isinstance(name, str)]
        for name in names:
            # A name may end in a version or a label: `/orders/limit:3`.
            arn = place.arn("ssm", f"parameter/{name.partition(':')[0].strip('/')}")
            yield Need(action, name if name.startswith("arn:") else arn)
        if not names:
            yield Need(action, None)

    return entry


def _create_machine(parameters: Parameters, place: Place) -> Iterator[Need]:
    """Yield the needs for creating a state machine. Creating one with tags also requires TagResource.

    https://docs.aws.amazon.com/step-functions/latest/dg/concepts-tag-resources.html
    """
    yield from _as("states:CreateStateMachine")(parameters, place)
    if parameters.listed("tags"):
        name = parameters.text("name")
        yield Need("states:TagResource", place.arn("states", f"stateMachine:{name}") if name else None)


_TABLE: dict[str, Needs] = {
    # Older or alternative forms of an operation that the reference does not mention.
    "s3:ListObjects": _as("s3:ListObjectsV2"),
    "s3:HeadBucket": _as("s3:ListObjectsV2"),
    "s3:HeadObject": _as("s3:GetObject"),
    "s3:CopyObject": _as("s3:PutObject"),
    "s3:CreateMultipartUpload": _as("s3:PutObject"),
    "s3:UploadPart": _as("s3:PutObject"),
    "s3:CompleteMultipartUpload": _as("s3:PutObject"),
    "s3:DeleteObjects": _delete_objects,
    # The table is in the request's items, not in a parameter.
    **{f"dynamodb:{name}": _tables(f"dynamodb:{name}") for name in ("BatchGetItem", "BatchWriteItem")},
    "dynamodb:TransactGetItems": _transaction,
    "dynamodb:TransactWriteItems": _transaction,
    # An index instead of the table.
    "dynamodb:Query": _read("dynamodb:Query"),
    "dynamodb:Scan": _read("dynamodb:Scan"),
    # Buses and parameters are in lists, or have names that differ from the end of the ARN.
    "events:PutEvents": _put_events,
    **{f"ssm:{name}": _of_parameters(f"ssm:{name}") for name in OF_PARAMETERS},
    # Names that may be ARNs or parts of ARNs.
    "lambda:Invoke": _invoke,
    "lambda:InvokeWithResponseStream": _invoke,
    "states:CreateStateMachine": _create_machine,
    # A phone or an endpoint instead of a topic, and batches, which require the same permissions as single
    # calls.
    "sns:Publish": _publish,
    "sns:PublishBatch": _publish,
    **{f"sns:{name}": _subscription(f"sns:{name}") for name in OF_SUBSCRIPTIONS},
    "sqs:SendMessageBatch": _as("sqs:SendMessage"),
    "sqs:DeleteMessageBatch": _as("sqs:DeleteMessage"),
    "sqs:ChangeMessageVisibilityBatch": _as("sqs:ChangeMessageVisibility"),
}
