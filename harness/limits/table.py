"""The limits that observations are compared with, each with its source."""

from __future__ import annotations

from dataclasses import dataclass, replace

from harness.quotas import (
    DYNAMODB_BATCH_WRITE_ITEMS,
    DYNAMODB_ITEM_BYTES,
    DYNAMODB_NUMBER_DIGITS,
    LAMBDA_REQUEST_BYTES,
    LAMBDA_RESPONSE_BYTES,
    SNS_MESSAGE_BYTES,
    SQS_MESSAGE_BYTES,
    STATES_DEFINITION_LENGTH,
    STATES_HISTORY_EVENTS,
    STATES_NAME_LENGTH,
    STATES_PAYLOAD_BYTES,
    STATES_REQUEST_BYTES,
)

SNS = "https://docs.aws.amazon.com/sns/latest/api/API_Publish.html"
SNS_BATCH = "https://docs.aws.amazon.com/sns/latest/api/API_PublishBatch.html"
SUBJECT = "https://docs.aws.amazon.com/prometheus/latest/userguide/AMP-alertmanager-receiver-validation-truncation.html"
SQS = "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html"
DYNAMODB = "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html"
BATCH_WRITE = "https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html"
BATCH_GET = "https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html"
TRANSACTION = "https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html"
LAMBDA = "https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"
STATES = "https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html"
MACHINE = "https://docs.aws.amazon.com/step-functions/latest/apireference/API_CreateStateMachine.html"
STATE = "https://docs.aws.amazon.com/step-functions/latest/apireference/API_StateEnteredEventDetails.html"


@dataclass(frozen=True)
class Limit:
    """A maximum. `what` is a noun phrase for sentences, `unit` is the counted unit, `source` is a URL."""

    id: str
    what: str
    most: int
    unit: str
    source: str


LIMITS: tuple[Limit, ...] = (
    # The limit is the topic's MaximumMessageSize; this is the default.
    Limit("sns-message", "an SNS message", SNS_MESSAGE_BYTES, "bytes", SNS),
    Limit("sns-batch", "a PublishBatch", SNS_MESSAGE_BYTES, "bytes", SNS_BATCH),
    # "must be less than 100 characters long"
    Limit("sns-subject", "the subject of a message", 99, "characters", SNS),
    Limit("sns-subject-text", "the subject of a message", 0, "line breaks or control characters", SNS),
    # The API reference says "UTF-8 text" today and said ASCII before; AWS's own publishers still use ASCII.
    Limit("sns-subject-ascii", "the subject of a message", 0, "non-ASCII characters", SUBJECT),
    Limit("sns-subject-start", "the subject of a message", 0, "leading blanks", SUBJECT),
    Limit("sns-subject-empty", "the subject of a message", 0, "empty values", SUBJECT),
    Limit("sqs-message", "an SQS message", SQS_MESSAGE_BYTES, "bytes", SQS),
    Limit("dynamodb-item", "a DynamoDB item", DYNAMODB_ITEM_BYTES, "bytes", DYNAMODB),
    Limit("dynamodb-partition-key", "the value of a partition key", 2_048, "bytes", DYNAMODB),
    Limit("dynamodb-sort-key", "the value of a sort key", 1_024, "bytes", DYNAMODB),
    Limit("dynamodb-empty-key", "a key", 0, "empty values", DYNAMODB),
    Limit("dynamodb-number", "a DynamoDB number", DYNAMODB_NUMBER_DIGITS, "significant digits", DYNAMODB),
    Limit("dynamodb-batch-write", "a BatchWriteItem", DYNAMODB_BATCH_WRITE_ITEMS, "items", BATCH_WRITE),
    Limit("dynamodb-batch-write-size", "a BatchWriteItem", 16_777_216, "bytes", BATCH_WRITE),
    Limit("dynamodb-batch-write-keys", "a BatchWriteItem", 0, "items with a duplicate key", BATCH_WRITE),
    Limit("dynamodb-batch-get", "a BatchGetItem", 100, "keys", BATCH_GET),
    Limit("dynamodb-transaction", "a DynamoDB transaction", 100, "items", TRANSACTION),
    Limit("lambda-request", "the payload of a synchronous invocation", LAMBDA_REQUEST_BYTES, "bytes", LAMBDA),
    Limit(
        "lambda-response", "the result of a synchronous invocation", LAMBDA_RESPONSE_BYTES, "bytes", LAMBDA
    ),
    Limit(
        "states-payload",
        "the input or output of a state, task or execution",
        STATES_PAYLOAD_BYTES,
        "bytes",
        STATES,
    ),
    Limit("states-history", "the history of an execution", STATES_HISTORY_EVENTS, "events", STATES),
    Limit(
        "states-definition", "the definition of a state machine", STATES_DEFINITION_LENGTH, "bytes", STATES
    ),
    Limit("states-request", "a request to Step Functions", STATES_REQUEST_BYTES, "bytes", STATES),
    Limit(
        "states-name", "the name of a state machine or execution", STATES_NAME_LENGTH, "characters", MACHINE
    ),
    Limit("states-name-text", "the name of a state machine or execution", 0, "forbidden characters", MACHINE),
    Limit("states-state-name", "the name of a state", STATES_NAME_LENGTH, "characters", STATE),
)
BY_ID = {limit.id: limit for limit in LIMITS}


@dataclass(frozen=True)
class Measure:
    """The amount of a limit that `subject` uses ("function store-order")."""

    limit: Limit
    subject: str
    amount: int

    @property
    def is_too_much(self) -> bool:
        """Return whether AWS rejects the amount."""
        return self.amount > self.limit.most

    @property
    def share(self) -> float:
        """The used share of the limit; 1.0 is the whole limit. Only for limits above 0."""
        return self.amount / self.limit.most


def measure(limit_id: str, subject: str, amount: int, most: int | None = None) -> Measure:
    """Return a measure of the limit with this ID. `most` is the resource's own limit, if it has one."""
    limit = BY_ID[limit_id]
    return Measure(limit if most is None else replace(limit, most=most), subject, amount)


def utf8(text: str | None) -> int:
    """Return the size of a string in bytes."""
    return 0 if not text else len(text.encode("utf-8", "surrogatepass"))
