"""SNS's request validation, with SNS's error messages. moto receives only valid requests.

The limits come from https://docs.aws.amazon.com/sns/latest/api/API_Publish.html and the pages of related
operations.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from moto.core.utils import camelcase_to_underscores
from moto.sns.exceptions import (
    BatchEntryIdsNotDistinct,
    SNSException,
    SNSNotFoundError,
    TooManyEntriesInBatchRequest,
    TopicNotFound,
)
from moto.sns.models import VALID_POLICY_ACTIONS
from moto.sns.responses import SNSResponse

from harness.constraints import detected
from harness.engine.moto import subscription_rules
from harness.engine.moto.checks import Rule, check, operation_of
from harness.engine.moto.constraints import violations
from harness.engine.moto.message_attributes import check_attributes, length_of, size_of
from harness.engine.moto.topic_arns import arn_rule, invalid
from harness.quotas import SNS_MESSAGE_BYTES

MOST_ENTRIES: Final = 10
# Up to 100 ASCII characters without control characters, starting with a letter, number or punctuation mark.
SUBJECT: Final = re.compile(r"[!-~][ -~]{0,99}")
_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,256}")
_ENTRY_ID: Final = re.compile(r"[A-Za-z0-9_-]+")
_LONGEST_ENTRY_ID: Final = 80
_SETTABLE: Final = re.compile(
    r"ArchivePolicy|ContentBasedDeduplication|DeliveryPolicy|DisplayName|FifoThroughputScope|KmsMasterKeyId"
    r"|MaximumMessageSize|Policy|SignatureVersion|TracingConfig"
    r"|(Application|Firehose|HTTP|Lambda|SQS)(SuccessFeedbackRoleArn|SuccessFeedbackSampleRate"
    r"|FailureFeedbackRoleArn)"
)
_PHONE: Final = re.compile(r"\+?[0-9]{4,20}")
_DEDUPLICATION: Final = (
    "The topic should either have ContentBasedDeduplication enabled "
    "or MessageDeduplicationId provided explicitly"
)
_NOT_FOR_TOPIC: Final = "{0} Reason: The request includes {0} parameter that is not valid for this topic type"


def install() -> None:
    """Install the checks."""
    for operation, rules in _rules().items():
        check(SNSResponse, {operation: (_required(operation), arn_rule(operation), *rules)})


def _rules() -> dict[str, tuple[Rule, ...]]:
    return {
        "Publish": (_check_message, _check_target),
        "PublishBatch": (_check_batch,),
        "CreateTopic": (_check_name, _check_twin, _check_tags),
        "DeleteTopic": (),
        "GetTopicAttributes": (),
        "SetTopicAttributes": (_check_attribute_name,),
        "ListSubscriptionsByTopic": (),
        "Subscribe": subscription_rules.SUBSCRIBE,
        "Unsubscribe": (),
        "ConfirmSubscription": (_check_token,),
        "GetSubscriptionAttributes": (),
        "SetSubscriptionAttributes": subscription_rules.SET_ATTRIBUTES,
        "AddPermission": (_check_actions,),
        "RemovePermission": (),
        "TagResource": (_check_tags,),
        "UntagResource": (),
        "ListTagsForResource": (),
    }


def _required(operation: str) -> Rule:
    """Return the rule that checks that required members are present."""

    def check_required(self: Any) -> None:
        shape: Any = operation_of("sns", operation).input_shape
        if "SubscriptionArn" in shape.required_members and not self.params.get("SubscriptionArn"):
            raise invalid("SubscriptionArn Reason: no value for required parameter")
        found = (
            [each for each in violations(shape, self.params) if "must not be null" in each] if shape else []
        )
        if found:
            raise SNSException("ValidationError", detected(found))

    return check_required


def _check_message(self: Any) -> None:
    """Check the parts of a message that do not depend on its topic."""
    params = self.params
    _check_content(params)
    check_attributes(params.get("MessageAttributes"))
    phone = params.get("PhoneNumber")
    if phone is not None and not _PHONE.fullmatch(phone):
        raise invalid(f"PhoneNumber Reason: {phone} is not valid to publish to")


def _check_content(entry: Mapping[str, Any]) -> None:
    if not entry.get("Message"):
        raise invalid("Empty message")
    subject = entry.get("Subject")
    if subject is not None and not SUBJECT.fullmatch(subject):
        raise invalid("Subject")
    structure = entry.get("MessageStructure")
    if structure == "json":
        _check_structure(entry["Message"])
    elif structure:
        raise invalid("MessageStructure")


def _check_structure(message: str) -> None:
    try:
        by_protocol = json.loads(message)
    except ValueError:
        raise invalid("Message Structure - JSON message body failed to parse") from None
    if not isinstance(by_protocol, dict) or not isinstance(by_protocol.get("default"), str):
        raise invalid("Message Structure - No default entry in JSON message body")


def _check_target(self: Any) -> None:
    params = self.params
    arn = params.get("TargetArn") or params.get("TopicArn")
    if params.get("PhoneNumber") is not None:
        return
    if arn is None:
        raise invalid("TopicArn or TargetArn Reason: no value for required parameter")
    if ":endpoint/" in arn:
        if arn not in self.backend.platform_endpoints:
            raise invalid("TargetArn Reason: No endpoint found for the target arn specified")
        return
    _check_for_topic(_topic(self, arn), params)


def _topic(self: Any, arn: str) -> Any:
    topic = self.backend.topics.get(arn)
    if topic is None:
        raise TopicNotFound
    return topic


def _check_for_topic(topic: Any, entry: Mapping[str, Any]) -> None:
    """Check the message group ID and deduplication ID against the topic type."""
    deduplication = entry.get("MessageDeduplicationId")
    if not topic.fifo_topic:
        if deduplication is not None:
            raise invalid(_NOT_FOR_TOPIC.format("MessageDeduplicationId"))
    elif not entry.get("MessageGroupId"):
        raise invalid("The MessageGroupId parameter is required for FIFO topics")
    elif not deduplication and not topic.content_based_deduplication:
        raise invalid(_DEDUPLICATION)


def _check_batch(self: Any) -> None:
    topic = _topic(self, self.params["TopicArn"])
    entries = self.params["PublishBatchRequestEntries"]
    if not entries:
        raise SNSException("EmptyBatchRequest", "The batch request doesn't contain any entries.")
    if len(entries) > MOST_ENTRIES:
        raise TooManyEntriesInBatchRequest
    _check_ids([entry["Id"] for entry in entries])
    for entry in entries:
        check_attributes(entry.get("MessageAttributes"))
        if entry.get("MessageStructure") == "json":
            _check_structure(entry["Message"])
        _check_for_topic(topic, entry)
    size = sum(length_of(entry["Message"]) + size_of(entry.get("MessageAttributes")) for entry in entries)
    if size > max(int(getattr(topic, "maximum_message_size", 0)), SNS_MESSAGE_BYTES):
        said = "The length of all the messages put together is more than the limit."
        raise SNSException("BatchRequestTooLong", said)


def _check_ids(ids: list[str]) -> None:
    said = "The Id of a batch entry in the batch request"
    for each in ids:
        if not _ENTRY_ID.fullmatch(each):
            code, message = "InvalidBatchEntryId", f"{said} contains an impermissible character: {each}"
            raise SNSException(code, message)
        if len(each) > _LONGEST_ENTRY_ID:
            raise SNSException("InvalidBatchEntryId", f"{said} is too long: {each}")
    if len(set(ids)) < len(ids):
        raise BatchEntryIdsNotDistinct


def _check_name(self: Any) -> None:
    name = self.params["Name"]
    fifo = str((self.params.get("Attributes") or {}).get("FifoTopic", "false")).lower() == "true"
    if fifo != name.endswith(".fifo") or not _NAME.fullmatch(name.removesuffix(".fifo")) or len(name) > 256:
        raise invalid("Topic Name")


def _check_twin(self: Any) -> None:
    """Reject a topic that already exists with different attributes or tags."""
    attributes: Mapping[str, str] = self.params.get("Attributes") or {}
    for name in attributes:
        if name != "FifoTopic" and not _SETTABLE.fullmatch(name):
            raise invalid(f"Attributes Reason: Unknown attribute {name}")
    name = self.params["Name"]
    twin = next((topic for topic in self.backend.topics.values() if topic.name == name), None)
    if twin is None:
        return
    for attribute, value in attributes.items():
        has = getattr(twin, camelcase_to_underscores(attribute), None)
        if str(has).lower() != str(value).lower():
            raise invalid("Attributes Reason: Topic already exists with different attributes")
    tags = {tag["Key"]: tag["Value"] for tag in self.params.get("Tags") or ()}
    if not tags.items() <= twin._tags.items():
        raise invalid("Tags Reason: Topic already exists with different tags")


def _check_tags(self: Any) -> None:
    keys = [tag["Key"] for tag in self.params.get("Tags") or ()]
    if len(set(keys)) < len(keys):
        raise invalid("Duplicated keys are not allowed.")


def _check_attribute_name(self: Any) -> None:
    _topic(self, self.params["TopicArn"])
    if not _SETTABLE.fullmatch(self.params["AttributeName"]):
        raise invalid("AttributeName")


def _check_token(self: Any) -> None:
    """Reject all tokens, because messages with tokens never leave this machine."""
    if not re.fullmatch(r"[0-9a-f]{100,}", self.params["Token"]):
        raise invalid("Token")
    if self.params["TopicArn"] not in self.backend.topics:
        raise SNSNotFoundError("Topic does not exist")


def _check_actions(self: Any) -> None:
    topic = _topic(self, self.params["TopicArn"])
    statements = topic._policy_json["Statement"]
    if any(statement["Sid"] == self.params["Label"] for statement in statements):
        raise invalid("Statement already exists")
    if any(action not in VALID_POLICY_ACTIONS for action in self.params["ActionName"]):
        raise invalid("Policy statement action out of service scope!")
