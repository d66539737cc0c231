"""AWS quotas that several modules need, each with the page that documents it. No other module repeats them.

Imports nothing, so every module can import it, including code in a function's process and in LocalStack.
"""

from __future__ import annotations

from typing import Final

# https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
STATES_PAYLOAD_BYTES: Final = 262_144
"""Input or output of a state, task or execution, in UTF-8 bytes."""
STATES_HISTORY_EVENTS: Final = 25_000
"""Events in an execution's history."""
STATES_EXECUTION_S: Final = 31_536_000
"""Maximum duration of an execution: one year."""
STATES_EXPRESS_S: Final = 300
"""Maximum duration of an Express execution."""
STATES_DEFINITION_LENGTH: Final = 1_048_576
"""The definition of a state machine: in bytes for a valid definition, in characters for the parameter."""
STATES_REQUEST_BYTES: Final = 1_048_576
"""A request to Step Functions, including JSON escapes."""

# https://docs.aws.amazon.com/step-functions/latest/apireference/API_SendTaskFailure.html
STATES_ERROR_LENGTH: Final = 256
"""Characters in the error passed to SendTaskFailure and StopExecution."""
STATES_CAUSE_LENGTH: Final = 32_768
"""Characters in the cause passed to SendTaskFailure and StopExecution."""

# https://docs.aws.amazon.com/step-functions/latest/apireference/API_GetActivityTask.html
STATES_ACTIVITY_POLL_S: Final = 60.0
"""Maximum time that GetActivityTask waits for a task."""

# https://docs.aws.amazon.com/step-functions/latest/dg/call-https-apis.html
STATES_HTTP_TASK_S: Final = 60.0
"""Maximum time that an HTTP Task waits for a response."""

# https://docs.aws.amazon.com/step-functions/latest/apireference/API_CreateStateMachine.html
STATES_NAME_LENGTH: Final = 80
"""Characters in the name of a state machine, an execution or a state."""
STATES_NAME_FORBIDDEN: Final = (
    r"[\s<>{}\[\]?*\"#%\\^|~`$&,;:/\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff\U0010ffff]"
)
"""A regular expression for characters that are not allowed in state machine and execution names.

White space, brackets, wildcards, some special characters, and control characters.
"""

# https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html (1,800 seconds in botocore 1.44)
LAMBDA_TIMEOUT_S: Final = 1_800
"""Maximum duration of an invocation, except asynchronous invocations on Lambda Managed Instances."""
# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
LAMBDA_REQUEST_BYTES: Final = 6_291_456
"""The payload of a synchronous invocation: 6 MB."""
LAMBDA_REQUEST_ENVELOPE_BYTES: Final = 6_291_556
"""The same, including room for the envelope. Invoke rejects larger payloads with a message that contains
this number.
"""
LAMBDA_EVENT_BYTES: Final = 1_048_576
"""The payload of an asynchronous invocation: 1 MB."""
LAMBDA_RESPONSE_BYTES: Final = 6_291_556
"""The result of a synchronous invocation: 6 MB, plus room for the envelope.

Lambda's error message contains the exact number: "maximum allowed payload size (6291556 bytes)".
"""

# https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
SNS_MESSAGE_BYTES: Final = 262_144
"""A message with its attributes, in UTF-8 bytes, if the topic does not set MaximumMessageSize."""

# https://docs.aws.amazon.com/sns/latest/dg/large-message-payloads.html
SNS_LARGEST_MESSAGE_BYTES: Final = 1_048_576
"""Largest MaximumMessageSize for a topic."""

# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
SQS_DEFAULT_MESSAGE_BYTES: Final = 262_144
"""Default MaximumMessageSize for a queue in moto."""

# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
SQS_MESSAGE_BYTES: Final = 1_048_576
"""A message, in UTF-8 bytes."""

# https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html
DYNAMODB_BATCH_WRITE_ITEMS: Final = 25
"""Items in a BatchWriteItem."""

# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
DYNAMODB_ITEM_BYTES: Final = 409_600
"""An item, including its attribute names."""
DYNAMODB_NUMBER_DIGITS: Final = 38
"""Significant digits in a number."""

# https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
S3_BUCKET_NAME_LENGTH: Final = 63
"""Characters in a bucket name."""

# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
IAM_INLINE_CHARACTERS: Final = {"Role": 10_240, "User": 2_048, "Group": 5_120}
"""Total characters in all inline policies of a role, user or group. White space does not count."""
IAM_MANAGED_CHARACTERS: Final = 6_144
"""Characters in a managed policy. White space does not count."""
