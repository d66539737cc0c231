"""Names of functions, topics, queues and other resources in the strings in a definition."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal["function", "topic", "queue", "machine", "activity", "table"]
PLACEHOLDER: Final = re.compile(r"\$\{([A-Za-z0-9_.:]+)\}")
"""A substitution in the format used for definitions in templates: `${Name}`, `${Name.Arn}`,
`${AWS::Region}`.
"""
SNIPPET: Final = frozenset({"FUNCTION_NAME", "FunctionName", "MyFunction", "YOUR_FUNCTION_NAME", ""})
"""Placeholder function names in the AWS console and documentation."""

PSEUDO_SAMPLES: Final = {
    "AWS::AccountId": "123456789012",
    "AWS::Partition": "aws",
    "AWS::Region": "us-east-1",
    "AWS::URLSuffix": "amazonaws.com",
    "AWS::StackName": "stack",
    "AWS::StackId": "arn:aws:cloudformation:us-east-1:123456789012:stack/stack/0",
}
"""Pseudo parameters, with sample values for checking a definition."""

# The account and the Region are ignored: many definitions contain `REGION` and `ACCOUNT_ID`.
_ARN: Final = re.compile(r"arn:[\w${}-]*:([\w-]+):([^:]*):([^:]*):(.+)")
_QUEUE_URL: Final = re.compile(
    r"https://(?:sqs\.[^./]+|[^./]+\.queue|queue|\$\{\w+\})\.(?:amazonaws\.com(?:\.cn)?)/[^/]+/([\w.-]+)"
)
_FUNCTION_NAME: Final = re.compile(r"(?:[^:]*:)??(?:function:)?([^:]+)(?::([^:]+))?")
_SUFFIXES: Final = (
    "lambda",
    "function",
    "statemachine",
    "workflow",
    "topic",
    "queue",
    "table",
    "arn",
    "name",
    "url",
)


@dataclass(frozen=True)
class Reference:
    """A string that refers to a resource in the account: `name`, and the `qualifier` for a version or alias.

    `form` is the string's format: an ARN, a name, or a queue URL.
    """

    kind: Kind
    name: str
    qualifier: str = ""
    form: Literal["arn", "name", "url"] = "arn"


def reference_in(text: str) -> Reference | None:
    """Parse an entire string as the ARN or URL of a resource that is created along with the definition.

    >>> reference_in("arn:aws:lambda:REGION:ACCOUNT_ID:function:list-objects:prod")
    Reference(kind='function', name='list-objects', qualifier='prod', form='arn')
    """
    if url := _QUEUE_URL.fullmatch(text):
        return Reference("queue", url[1], form="url")
    found = _ARN.fullmatch(text.replace("${AWS::", "${"))
    if found is None:
        return None
    service, _, account, rest = found.groups()
    kind, _, name = rest.partition(":")
    if service == "lambda" and kind == "function":
        name, _, qualifier = name.partition(":")
        return _of_function(name, qualifier)
    if service == "sns" and account and ":" not in rest:
        return Reference("topic", rest)
    if service == "sqs" and account and ":" not in rest:
        return Reference("queue", rest)
    if service == "states" and account and kind in ("stateMachine", "activity"):
        name, _, qualifier = name.partition(":")
        return Reference("machine" if kind == "stateMachine" else "activity", name, qualifier)
    if service == "dynamodb" and account and rest.startswith("table/") and rest.count("/") == 1:
        return Reference("table", rest.removeprefix("table/"))
    return None


def function_named(text: str) -> Reference:
    """Parse a `FunctionName` that is not an ARN: `name`, `name:prod`, `account:function:name`."""
    found = _FUNCTION_NAME.fullmatch(text)
    name, qualifier = (found[1], found[2] or "") if found else (text, "")
    made = _of_function(name, qualifier)
    return Reference(made.kind, made.name, made.qualifier, "name")


def pseudo_parameter(name: str) -> str:
    """Return the pseudo parameter that matches a placeholder's name, or "".

    >>> pseudo_parameter("AWS::Region"), pseudo_parameter("Partition"), pseudo_parameter("account_id")
    ('AWS::Region', 'AWS::Partition', 'AWS::AccountId')
    """
    if name in PSEUDO_SAMPLES:
        return name
    core = re.sub(r"[^a-z]", "", name.lower()).removeprefix("aws")
    short = {"accountid": "AWS::AccountId", "account": "AWS::AccountId", "partition": "AWS::Partition"}
    return {**short, "region": "AWS::Region"}.get(core, "")


def _of_function(name: str, qualifier: str) -> Reference:
    if name == "$LATEST":  # the name is missing
        name, qualifier = "", "$LATEST"
    return Reference("function", name, "" if qualifier == "$LATEST" else qualifier)


def core_of(name: str) -> str:
    """Return a name without its kind, for comparisons.

    >>> core_of("ListObjectsFunctionArn"), core_of("list-objects")
    ('listobjects', 'listobjects')
    """
    core = re.sub(r"[^a-z0-9]", "", name.removesuffix(".Arn").lower())
    while suffix := next((each for each in _SUFFIXES if core.endswith(each) and core != each), ""):
        core = core.removesuffix(suffix)
    return core
