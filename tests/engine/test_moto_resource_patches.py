"""Code in moto that resources and deliveries patch exists, with the known parameters."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import pytest

from harness.engine.moto import deferred

deferred.install()

from moto.awslambda.models import LambdaBackend  # noqa: E402
from moto.cloudformation.models import CloudFormationBackend  # noqa: E402
from moto.cloudformation.responses import CloudFormationResponse  # noqa: E402
from moto.dynamodb.models.table import Table  # noqa: E402
from moto.events.models import Rule  # noqa: E402
from moto.s3 import notifications  # noqa: E402
from moto.s3.models import FakeBucket  # noqa: E402
from moto.s3.responses import S3Response  # noqa: E402
from moto.sns.models import Subscription  # noqa: E402

from harness.engine.moto.stacks import api  # noqa: E402

CREATE = "resource_name cloudformation_json account_id region_name kwargs"
PATCHED: list[tuple[Callable[..., Any], str]] = [
    *((getattr(CloudFormationResponse, name), "self") for name in api.OPERATIONS if name not in api.NEW),
    (CloudFormationBackend.delete_stack, "self name_or_stack_id"),
    (LambdaBackend.send_sqs_batch, "self function_arn messages queue_arn"),
    (Table.create_from_cloudformation_json, CREATE),
    (FakeBucket.create_from_cloudformation_json, CREATE),
    (Rule.send_to_targets, "self original_event transform_input"),
    (notifications.send_event, "account_id event_name bucket key"),
    (notifications._get_s3_event, "event_name bucket key notification_id"),
    (notifications._invoke_awslambda, "account_id event_body fn_arn region_name"),
    (S3Response.put_object_tagging, "self"),
    (
        Subscription.publish,
        "self message message_id subject message_attributes group_id deduplication_id message_structure",
    ),
    (Subscription.get_post_data, "self message message_id subject message_attributes"),
]


@pytest.mark.parametrize(
    ("patched", "parameters"), PATCHED, ids=[getattr(each, "__qualname__", "?") for each, _ in PATCHED]
)
def test_what_is_patched_has_the_known_parameters(patched: Callable[..., Any], parameters: str) -> None:
    assert list(inspect.signature(patched).parameters) == parameters.split()
