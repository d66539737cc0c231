"""Properties that have an effect on AWS but not in the engine, by type.

For the types that the engine creates, `tests/engine/unread_properties.py` lists the properties that no code
reads. The table omits descriptive properties (tags, descriptions, retention) and properties that other code
uses (the permission check uses policies and KMS keys).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from harness.json_types import Json, JsonObject, as_dict


@dataclass(frozen=True)
class NoEffect:
    """A property that has no effect. `path` can lead through lists: `Targets.DeadLetterConfig`.

    If its value is in `unless`, the property has no effect on AWS either.
    """

    path: str
    meaning: str
    unless: tuple[Json, ...] = (None, False, "false")


RULE_TARGETS: Final = ("events", "lambda", "logs", "sns", "sqs", "states")
"""Services that a rule in the engine can send events to, as named in ARNs."""

_TRACES: Final = "no traces are written"

NO_EFFECT: Final[dict[str, tuple[NoEffect, ...]]] = {
    "Custom::CDKBucketDeployment": (
        NoEffect("DistributionId", "no distribution exists, so no cache is invalidated"),
        NoEffect("SystemMetadata", "the objects do not have this metadata"),
        NoEffect("UserMetadata", "the objects do not have this metadata"),
    ),
    "AWS::DynamoDB::GlobalTable": (),  # for its replicas, see without_effect
    "AWS::DynamoDB::Table": (
        NoEffect("ImportSourceSpecification", "the table is empty: nothing is imported"),
        NoEffect("ResourcePolicy", "the table's own policy neither allows nor denies access"),
        NoEffect("VectorIndexes", "the index does not exist"),
        NoEffect("KinesisStreamSpecification", "changes are not sent to the Kinesis stream"),
    ),
    "AWS::Events::EventBus": (
        NoEffect("DeadLetterConfig", "an event that cannot be delivered is lost"),
        NoEffect("EventSourceName", "partner events are not received"),
    ),
    "AWS::Events::Rule": (
        NoEffect("Targets.DeadLetterConfig", "an event that cannot be delivered is lost"),
        NoEffect("Targets.RetryPolicy", "an event is delivered only once"),
    ),
    "AWS::Kinesis::Stream": (NoEffect("StreamModeDetails", "the stream keeps its number of shards"),),
    "AWS::Lambda::Alias": (NoEffect("ProvisionedConcurrencyConfig", "no environment is started in advance"),),
    "AWS::Lambda::EventSourceMapping": (
        NoEffect("BisectBatchOnFunctionError", "a failed batch is not split"),
        NoEffect("DestinationConfig", "failed records are not sent to a destination"),
        NoEffect("MaximumBatchingWindowInSeconds", "a batch does not wait for more records", (None, 0, "0")),
        NoEffect("MaximumRecordAgeInSeconds", "records never become too old", (None, -1, "-1")),
        NoEffect("MaximumRetryAttempts", "a failed batch is not retried", (None, -1, "-1")),
        NoEffect(
            "ParallelizationFactor", "a shard's batches are processed one after the other", (None, 1, "1")
        ),
        NoEffect("ScalingConfig", "batches are processed one after the other"),
        NoEffect("TumblingWindowInSeconds", "windows have no state", (None, 0, "0")),
    ),
    "AWS::Lambda::Function": (
        NoEffect("Architectures", "it runs on this machine's processor", (None, ["x86_64"])),
        NoEffect("DeadLetterConfig", "an event whose invocations failed is lost"),
        NoEffect("CapacityProviderConfig", "it runs on this machine"),
        NoEffect("DurableConfig", "it is an ordinary function: its steps are not stored or replayed"),
        NoEffect("FileSystemConfigs", "no file system is mounted"),
        NoEffect("ImageConfig", "images are not run"),
        NoEffect(
            "SnapStart.ApplyOn", "environments start from the code, not from a snapshot", (None, "None")
        ),
        NoEffect("TenancyConfig", "tenants share environments"),
        NoEffect("TracingConfig.Mode", _TRACES, (None, "PassThrough")),
        NoEffect("VpcConfig", "it is not in a VPC: it can reach all services of the engine"),
    ),
    "AWS::Lambda::Version": (
        NoEffect("ProvisionedConcurrencyConfig", "no environment is started in advance"),
    ),
    "AWS::S3::Bucket": (
        NoEffect("InventoryConfigurations", "no inventory is written"),
        NoEffect("LifecycleConfiguration", "objects are neither moved nor deleted"),
        NoEffect("LoggingConfiguration", "no access logs are written"),
        NoEffect("ObjectLockEnabled", "objects can be deleted and replaced"),
        NoEffect("ReplicationConfiguration", "nothing is replicated"),
        NoEffect("WebsiteConfiguration", "no web pages are served"),
    ),
    "AWS::SNS::Subscription": (
        NoEffect("DeliveryPolicy", "a delivery is attempted only once, immediately"),
        NoEffect("RedrivePolicy", "a message that cannot be delivered is lost"),
        NoEffect("ReplayPolicy", "nothing is replayed"),
    ),
    "AWS::SNS::Topic": (
        NoEffect("ArchivePolicy", "nothing is archived"),
        NoEffect("DataProtectionPolicy", "messages are not scanned"),
        NoEffect("DeliveryStatusLogging", "deliveries are not logged"),
        NoEffect("TracingConfig", _TRACES, (None, "PassThrough")),
    ),
    "AWS::SecretsManager::Secret": (
        NoEffect("ReplicaRegions", "the secret exists only in the stack's region"),
    ),
    "AWS::StepFunctions::StateMachine": (NoEffect("TracingConfiguration.Enabled", _TRACES),),
}


def may_lack_effect(kind: str) -> bool:
    """Return whether a type can have properties that have no effect."""
    return kind in NO_EFFECT


def without_effect(kind: str, properties: JsonObject) -> Iterator[tuple[str, str]]:
    """Yield each declared property that has no effect in the engine, as its path and the consequence."""
    for entry in NO_EFFECT.get(kind, ()):
        if any(value not in entry.unless for value in _values(properties, entry.path.split("."))):
            yield entry.path, entry.meaning
    if kind == "AWS::Lambda::EventSourceMapping":
        yield from _of_mapping(properties)
    elif kind == "AWS::DynamoDB::GlobalTable":
        if len(list(_values(properties, ["Replicas", "Region"]))) > 1:
            yield "Replicas", "the table exists only in the stack's region"
    elif kind == "AWS::Events::Rule":
        yield from _of_rule(properties)
    elif kind == "AWS::SNS::Topic":
        yield from _of_endpoints(properties, "Subscription")
    elif kind == "AWS::SNS::Subscription":
        yield from _of_endpoints({"Endpoint": properties}, "Endpoint")


def _of_mapping(properties: JsonObject) -> Iterator[tuple[str, str]]:
    """Yield event source properties that have an effect only for queues, and the limitation for a queue's
    failed batches.
    """
    if ":sqs:" in str(properties.get("EventSourceArn")):
        yield "EventSourceArn", "a message whose batch failed is retried only when a new message is sent"
        return
    if properties.get("FilterCriteria"):
        yield "FilterCriteria", "the function receives every record, including those that the filter rejects"
    if properties.get("FunctionResponseTypes"):
        yield "FunctionResponseTypes", "a batch succeeds or fails as a whole: batchItemFailures is ignored"


def _of_rule(properties: JsonObject) -> Iterator[tuple[str, str]]:
    """Yield event sources that do not send events in the engine, and targets that do not receive any."""
    for source in _values(properties, ["EventPattern", "source"]):
        silent = [each for each in _texts(source) if each.startswith("aws.") and each != "aws.s3"]
        if silent:
            yield (
                "EventPattern.source",
                (f"the engine sends no events from {', '.join(silent)}; send them yourself"),
            )
    for arn in map(str, _values(properties, ["Targets", "Arn"])):
        if arn.split(":")[2:3] and arn.split(":")[2] not in RULE_TARGETS:
            services = f"{', '.join(RULE_TARGETS[:-1])} and {RULE_TARGETS[-1]}"
            yield "Targets", f"nothing is sent to {arn}: in the engine, rules send only to {services}"


def _of_endpoints(properties: JsonObject, where: str) -> Iterator[tuple[str, str]]:
    """Yield subscriptions whose endpoints never receive messages, although a workflow could wait for one."""
    for each in _values(properties, [where]):
        for subscription in each if isinstance(each, list) else [each]:
            found = as_dict(subscription)
            if found.get("Protocol") in ("application", "firehose", "http", "https"):
                yield where, f"nothing is posted to {found.get('Endpoint')}"


def _texts(value: Json) -> list[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def _values(value: Json, path: list[str]) -> Iterator[Json]:
    """Yield the values at a path, in every element of lists on the path."""
    if isinstance(value, list) and path:
        for each in value:
            yield from _values(each, path)
    elif not path:
        yield value
    elif isinstance(value, dict) and path[0] in value:
        yield from _values(value[path[0]], path[1:])
