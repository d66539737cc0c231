"""Which IAM actions on which resources an AWS call takes.

A call of `service:Operation` takes the action of the same name unless the table says otherwise; the
resource is known only for what is in the table. Source of all entries: the Service Authorization Reference,
https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from harness.functions.model import Call
from harness.permissions.model import Need

# botocore's and Step Functions' names of services -> the prefix of their IAM actions, where they differ.
PREFIXES = {
    "cloudwatchlogs": "logs",
    "eventbridge": "events",
    "sesv2": "ses",
    "sfn": "states",
    "stepfunctions": "states",
}
# Services whose actions are often named otherwise than their operations: only the table's are checked.
NAMED_OTHERWISE = frozenset({"apigateway", "apigatewayv2", "s3"})
UNCHECKED = frozenset(
    {
        # "No permissions are required to perform this operation."
        # https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
        "sts:GetCallerIdentity",
        # The action is PartiQLSelect, PartiQLInsert, ..., as the statement's text says.
        "dynamodb:ExecuteStatement",
        "dynamodb:BatchExecuteStatement",
        "dynamodb:ExecuteTransaction",
    }
)

_PLACEHOLDER = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Place:
    """Where a call is made; what ARNs are built from."""

    partition: str
    region: str
    account_id: str

    def arn(self, service: str, resource: str) -> str:
        """The ARN of a resource of this account and region."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.account_id}:{resource}"


class Parameters:
    """A call's parameters. Step Functions writes `StateMachineArn` where boto3 writes `stateMachineArn`."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        self._given = {name.lower(): value for name, value in given.items()}

    def text(self, name: str) -> str | None:
        """A parameter that is a text, else None."""
        value = self._given.get(name.lower())
        return value if isinstance(value, str) else None

    def mapping(self, name: str) -> Mapping[str, Any]:
        """A parameter that is a mapping, else an empty one."""
        value = self._given.get(name.lower())
        return value if isinstance(value, Mapping) else {}

    def listed(self, name: str) -> list[Any]:
        """A parameter that is a list, else an empty one."""
        value = self._given.get(name.lower())
        return value if isinstance(value, list) else []

    def fill(self, template: str) -> str | None:
        """`template` with `{Name}` replaced by the parameter, or None if one is missing."""
        names = _PLACEHOLDER.findall(template)
        if any(self.text(name) is None for name in names):
            return None
        return _PLACEHOLDER.sub(lambda found: self.text(found[1]) or "", template)


Needs = Callable[[Parameters, Place], Iterator[Need]]


def needs(call: Call, place: Place) -> tuple[Need, ...]:
    """The permissions that `call` takes, all of them; none for a call whose permissions are not known."""
    service = PREFIXES.get(call.service, call.service)
    name = f"{service}:{call.operation}"
    if (entry := _TABLE.get(name)) is not None:
        return tuple(entry(Parameters(call.params), place))
    if service in NAMED_OTHERWISE or name in UNCHECKED:
        return ()
    return (Need(name, None),)


def _on(action: str, resource: str | None) -> Needs:
    """`action` on an ARN with parameters in it, on `*`, or (None) on what is not known."""
    return lambda parameters, _: iter([Need(action, resource and parameters.fill(resource))])


def _bucket(action: str, key: bool = False) -> Needs:
    def entry(parameters: Parameters, place: Place) -> Iterator[Need]:
        bucket = parameters.text("Bucket") or ""
        resource = parameters.fill(f"arn:{place.partition}:s3:::{{Bucket}}" + ("/{Key}" if key else ""))
        # An access point is named by its ARN, and so is what its action is checked against.
        yield Need(action, None if bucket.startswith("arn:") else resource)

    return entry


def _table(action: str) -> Needs:
    def entry(parameters: Parameters, place: Place) -> Iterator[Need]:
        if (table := parameters.text("TableName")) is None:
            yield Need(action, None)
            return
        index = parameters.text("IndexName")
        yield Need(action, _table_arn(table, place) + (f"/index/{index}" if index else ""))

    return entry


def _tables(action: str) -> Needs:
    def entry(parameters: Parameters, place: Place) -> Iterator[Need]:
        tables = parameters.mapping("RequestItems")
        yield from (Need(action, _table_arn(table, place)) for table in tables)
        if not tables:
            yield Need(action, None)

    return entry


def _transaction(parameters: Parameters, place: Place) -> Iterator[Need]:
    """Each item is one of `{"Put": {"TableName": ...}}`, `{"Get": ...}` and so on, with its own action."""
    for item in parameters.listed("TransactItems"):
        for kind, of in item.items():
            table = of.get("TableName")
            yield Need(f"dynamodb:{kind}Item", table and _table_arn(table, place))


def _table_arn(table: str, place: Place) -> str:
    return table if table.startswith("arn:") else place.arn("dynamodb", f"table/{table}")


def _create_machine(parameters: Parameters, place: Place) -> Iterator[Need]:
    name = parameters.text("name")
    yield Need("states:CreateStateMachine", name and place.arn("states", f"stateMachine:{name}"))
    yield from _pass_role(parameters)


def _update_machine(parameters: Parameters, _place: Place) -> Iterator[Need]:
    yield Need("states:UpdateStateMachine", parameters.text("stateMachineArn"))
    if parameters.text("roleArn"):
        yield from _pass_role(parameters)


def _pass_role(parameters: Parameters) -> Iterator[Need]:
    context = {"iam:PassedToService": "states.amazonaws.com"}
    yield Need("iam:PassRole", parameters.text("roleArn"), context)


def _invoke(parameters: Parameters, place: Place) -> Iterator[Need]:
    """FunctionName is a name, a partial or a whole ARN, each perhaps with a version or alias."""
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
    """A text message to a phone number has no topic."""
    yield Need("sns:Publish", parameters.text("TopicArn") or parameters.text("TargetArn"))


def _queue(action: str) -> Needs:
    """A queue's URL ends in the account and its name: https://sqs.eu-west-1.amazonaws.com/123456789012/jobs."""

    def entry(parameters: Parameters, place: Place) -> Iterator[Need]:
        account, _, name = (parameters.text("QueueUrl") or "").rpartition("/")
        account = account.rpartition("/")[2]
        known = name and account.isdigit()
        yield Need(action, f"arn:{place.partition}:sqs:{place.region}:{account}:{name}" if known else None)

    return entry


_TABLE: dict[str, Needs] = {
    # Amazon S3: the names of many operations are not those of their actions.
    "s3:ListBuckets": _on("s3:ListAllMyBuckets", "*"),
    "s3:ListObjects": _bucket("s3:ListBucket"),
    "s3:ListObjectsV2": _bucket("s3:ListBucket"),
    "s3:HeadBucket": _bucket("s3:ListBucket"),
    "s3:ListObjectVersions": _bucket("s3:ListBucketVersions"),
    "s3:ListMultipartUploads": _bucket("s3:ListBucketMultipartUploads"),
    "s3:GetBucketLocation": _bucket("s3:GetBucketLocation"),
    "s3:CreateBucket": _bucket("s3:CreateBucket"),
    "s3:DeleteBucket": _bucket("s3:DeleteBucket"),
    "s3:GetObject": _bucket("s3:GetObject", key=True),
    "s3:HeadObject": _bucket("s3:GetObject", key=True),
    "s3:PutObject": _bucket("s3:PutObject", key=True),
    "s3:CopyObject": _bucket("s3:PutObject", key=True),
    "s3:CreateMultipartUpload": _bucket("s3:PutObject", key=True),
    "s3:UploadPart": _bucket("s3:PutObject", key=True),
    "s3:CompleteMultipartUpload": _bucket("s3:PutObject", key=True),
    "s3:AbortMultipartUpload": _bucket("s3:AbortMultipartUpload", key=True),
    "s3:DeleteObject": _bucket("s3:DeleteObject", key=True),
    "s3:DeleteObjects": _on("s3:DeleteObject", None),
    # Amazon DynamoDB: tables, and their indexes for what reads one.
    **{
        f"dynamodb:{name}": _table(f"dynamodb:{name}")
        for name in ("GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query", "Scan", "DescribeTable")
    },
    **{f"dynamodb:{name}": _tables(f"dynamodb:{name}") for name in ("BatchGetItem", "BatchWriteItem")},
    "dynamodb:TransactGetItems": _transaction,
    "dynamodb:TransactWriteItems": _transaction,
    # AWS Step Functions
    "states:CreateStateMachine": _create_machine,
    "states:UpdateStateMachine": _update_machine,
    "states:ListStateMachines": _on("states:ListStateMachines", "*"),
    **{
        f"states:{name}": _on(f"states:{name}", "{stateMachineArn}")
        for name in (
            "DeleteStateMachine",
            "DescribeStateMachine",
            "ListExecutions",
            "StartExecution",
            "StartSyncExecution",
        )
    },
    **{
        f"states:{name}": _on(f"states:{name}", "{executionArn}")
        for name in ("DescribeExecution", "GetExecutionHistory", "RedriveExecution", "StopExecution")
    },
    # AWS Lambda
    "lambda:Invoke": _invoke,
    "lambda:InvokeWithResponseStream": _invoke,
    # Amazon SNS and Amazon SQS: the actions of batches are those of single calls.
    "sns:Publish": _publish,
    "sns:PublishBatch": _publish,
    **{f"sqs:{name}": _queue(f"sqs:{name}") for name in ("SendMessage", "ReceiveMessage", "DeleteMessage")},
    **{f"sqs:{name}Batch": _queue(f"sqs:{name}") for name in ("SendMessage", "DeleteMessage")},
}
