"""Properties that change nothing here although they would on AWS, by type.

`tests/engine/unread_properties.py` lists what nobody reads of the types that are made. What only decorates
(tags, descriptions, retention) and what is looked at elsewhere (policies and KMS keys, by the check of
permissions) is not in the table.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from harness.json_types import Json, JsonObject, as_dict


@dataclass(frozen=True)
class NoEffect:
    """A property without effect; `path` leads through lists, too: `Targets.DeadLetterConfig`.

    `unless` are the values with which it would have none on AWS, either.
    """

    path: str
    meaning: str
    unless: tuple[Json, ...] = (None, False, "false")


RULE_TARGETS: Final = ("events", "lambda", "logs", "sns", "sqs", "states")
"""The services whose ARNs a rule may send to here."""

_TRACES: Final = "no traces are written"

NO_EFFECT: Final[dict[str, tuple[NoEffect, ...]]] = {
    "Custom::CDKBucketDeployment": (
        NoEffect("DistributionId", "no distribution is there whose cache could be emptied"),
        NoEffect("SystemMetadata", "the objects have no such metadata"),
        NoEffect("UserMetadata", "the objects have no such metadata"),
    ),
    "AWS::DynamoDB::GlobalTable": (),  # its replicas: see without_effect
    "AWS::DynamoDB::Table": (
        NoEffect("ImportSourceSpecification", "the table begins empty: nothing is imported"),
        NoEffect("ResourcePolicy", "the table's own policy lets nobody in, and keeps nobody out"),
        NoEffect("VectorIndexes", "there is no such index"),
        NoEffect("KinesisStreamSpecification", "changes do not arrive in the Kinesis stream"),
    ),
    "AWS::Events::EventBus": (
        NoEffect("DeadLetterConfig", "an event that cannot be delivered is lost"),
        NoEffect("EventSourceName", "no partner sends events"),
    ),
    "AWS::Events::Rule": (
        NoEffect("Targets.DeadLetterConfig", "an event that cannot be delivered is lost"),
        NoEffect("Targets.RetryPolicy", "an event is delivered once"),
    ),
    "AWS::Kinesis::Stream": (NoEffect("StreamModeDetails", "the stream keeps its number of shards"),),
    "AWS::Lambda::Alias": (NoEffect("ProvisionedConcurrencyConfig", "no environment is started beforehand"),),
    "AWS::Lambda::EventSourceMapping": (
        NoEffect("BisectBatchOnFunctionError", "a batch that fails is not halved"),
        NoEffect("DestinationConfig", "what fails for good goes nowhere"),
        NoEffect("MaximumBatchingWindowInSeconds", "a batch does not wait for more", (None, 0, "0")),
        NoEffect("MaximumRecordAgeInSeconds", "records do not become too old", (None, -1, "-1")),
        NoEffect("MaximumRetryAttempts", "a batch that fails is not tried again", (None, -1, "-1")),
        NoEffect("ParallelizationFactor", "a shard's batches come one after the other", (None, 1, "1")),
        NoEffect("ScalingConfig", "batches come one after the other"),
        NoEffect("TumblingWindowInSeconds", "there is no state of a window", (None, 0, "0")),
    ),
    "AWS::Lambda::Function": (
        NoEffect("Architectures", "it runs on this machine's processor", (None, ["x86_64"])),
        NoEffect("DeadLetterConfig", "an event whose invocations failed is lost"),
        NoEffect("CapacityProviderConfig", "it runs on this machine"),
        NoEffect("DurableConfig", "it is an ordinary function: nothing of it is kept or replayed"),
        NoEffect("FileSystemConfigs", "no file system is mounted"),
        NoEffect("ImageConfig", "no image is run"),
        NoEffect("SnapStart.ApplyOn", "environments start from the code, not a snapshot", (None, "None")),
        NoEffect("TenancyConfig", "tenants share their environments"),
        NoEffect("TracingConfig.Mode", _TRACES, (None, "PassThrough")),
        NoEffect("VpcConfig", "it is in no VPC: it reaches what the engine serves"),
    ),
    "AWS::Lambda::Version": (
        NoEffect("ProvisionedConcurrencyConfig", "no environment is started beforehand"),
    ),
    "AWS::S3::Bucket": (
        NoEffect("InventoryConfigurations", "no inventory is written"),
        NoEffect("LifecycleConfiguration", "objects stay where they are, and are not deleted"),
        NoEffect("LoggingConfiguration", "no access logs are written"),
        NoEffect("ObjectLockEnabled", "objects can be deleted and replaced"),
        NoEffect("ReplicationConfiguration", "nothing is replicated"),
        NoEffect("WebsiteConfiguration", "no web pages are served"),
    ),
    "AWS::SNS::Subscription": (
        NoEffect("DeliveryPolicy", "a message is delivered once, at once"),
        NoEffect("RedrivePolicy", "a message that cannot be delivered is lost"),
        NoEffect("ReplayPolicy", "nothing is replayed"),
    ),
    "AWS::SNS::Topic": (
        NoEffect("ArchivePolicy", "nothing is archived"),
        NoEffect("DataProtectionPolicy", "messages are not looked through"),
        NoEffect("DeliveryStatusLogging", "no log tells of deliveries"),
        NoEffect("TracingConfig", _TRACES, (None, "PassThrough")),
    ),
    "AWS::SecretsManager::Secret": (NoEffect("ReplicaRegions", "the secret is in the stack's region only"),),
    "AWS::StepFunctions::StateMachine": (NoEffect("TracingConfiguration.Enabled", _TRACES),),
}


def may_lack_effect(kind: str) -> bool:
    """Tell whether there is anything to say about a type's properties."""
    return kind in NO_EFFECT


def without_effect(kind: str, properties: JsonObject) -> Iterator[tuple[str, str]]:
    """Each property that is declared and has no effect here: its path, and what that means."""
    for entry in NO_EFFECT.get(kind, ()):
        if any(value not in entry.unless for value in _values(properties, entry.path.split("."))):
            yield entry.path, entry.meaning
    if kind == "AWS::Lambda::EventSourceMapping":
        yield from _of_mapping(properties)
    elif kind == "AWS::DynamoDB::GlobalTable":
        if len(list(_values(properties, ["Replicas", "Region"]))) > 1:
            yield "Replicas", "there is one table, in the stack's region"
    elif kind == "AWS::Events::Rule":
        yield from _of_rule(properties)
    elif kind == "AWS::SNS::Topic":
        yield from _of_endpoints(properties, "Subscription")
    elif kind == "AWS::SNS::Subscription":
        yield from _of_endpoints({"Endpoint": properties}, "Endpoint")


def _of_mapping(properties: JsonObject) -> Iterator[tuple[str, str]]:
    """Properties that are read for queues only, and the end of a batch of theirs that fails."""
    if ":sqs:" in str(properties.get("EventSourceArn")):
        yield "EventSourceArn", "a message whose batch failed is tried again only when another one is sent"
        return
    if properties.get("FilterCriteria"):
        yield "FilterCriteria", "the function gets every record, also those that the filter keeps back"
    if properties.get("FunctionResponseTypes"):
        yield "FunctionResponseTypes", "a batch succeeds or fails whole: batchItemFailures is not read"


def _of_rule(properties: JsonObject) -> Iterator[tuple[str, str]]:
    """Sources that send nothing here, and targets that get nothing."""
    for source in _values(properties, ["EventPattern", "source"]):
        silent = [each for each in _texts(source) if each.startswith("aws.") and each != "aws.s3"]
        if silent:
            yield "EventPattern.source", f"{', '.join(silent)} sends no events here; put them yourself"
    for arn in map(str, _values(properties, ["Targets", "Arn"])):
        if arn.split(":")[2:3] and arn.split(":")[2] not in RULE_TARGETS:
            services = f"{', '.join(RULE_TARGETS[:-1])} and {RULE_TARGETS[-1]}"
            yield "Targets", f"nothing is sent to {arn}: rules send to {services} here"


def _of_endpoints(properties: JsonObject, where: str) -> Iterator[tuple[str, str]]:
    """Subscriptions whose endpoints get nothing, and that a workflow could wait for."""
    for each in _values(properties, [where]):
        for subscription in each if isinstance(each, list) else [each]:
            found = as_dict(subscription)
            if found.get("Protocol") in ("application", "firehose", "http", "https"):
                yield where, f"nothing is posted to {found.get('Endpoint')}"


def _texts(value: Json) -> list[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def _values(value: Json, path: list[str]) -> Iterator[Json]:
    """The values at a path, in every element of the lists on the way."""
    if isinstance(value, list) and path:
        for each in value:
            yield from _values(each, path)
    elif not path:
        yield value
    elif isinstance(value, dict) and path[0] in value:
        yield from _values(value[path[0]], path[1:])
