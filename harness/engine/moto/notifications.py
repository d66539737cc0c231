"""Bucket events, and stack buckets that declare notifications.

Patched:
- `FakeBucket.create_from_cloudformation_json` and `update_from_cloudformation_json` (moto.s3.models), which
  ignore notifications, versioning and the public access block.
- `_get_s3_event` and `_invoke_awslambda` (moto.s3.notifications): events lack members and encode keys
  differently from S3, and function invocations are not retried.
- `send_event` (moto.s3.notifications) and `S3Response.put_object_tagging`: moto also reports every new object
  as tagged.
"""

from __future__ import annotations

import functools
import itertools
import threading
from typing import Any, Final, cast
from urllib.parse import quote_plus

from moto.core.utils import iso_8601_datetime_with_milliseconds
from moto.s3 import notifications
from moto.s3.models import FakeBucket, S3Backend, s3_backends
from moto.s3.responses import S3Response
from moto.utilities.utils import get_partition

from harness.engine.moto.deliveries import invoke_asynchronously
from harness.json_types import Json, JsonObject

_KINDS: Final = {
    "LambdaConfigurations": ("CloudFunctionConfiguration", "Function", "CloudFunction"),
    "QueueConfigurations": ("QueueConfiguration", "Queue", "Queue"),
    "TopicConfigurations": ("TopicConfiguration", "Topic", "Topic"),
}
_PUBLIC: Final = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
_sequence = itertools.count(1)


def install() -> None:
    """Patch moto in this process."""
    patched: Any = FakeBucket
    for name in ("create_from_cloudformation_json", "update_from_cloudformation_json"):
        setattr(patched, name, classmethod(_configured(getattr(patched, name).__func__)))
    events: Any = notifications
    events._get_s3_event = _event
    events._invoke_awslambda = lambda account, event, arn, _region: invoke_asynchronously(account, arn, event)
    _tell_only_of_tagging(events)


def _tell_only_of_tagging(events: Any) -> None:
    """Report only PutObjectTagging as a tagging event."""
    tagging = threading.local()
    send, patched = events.send_event, cast(Any, S3Response)
    put_object_tagging = patched.put_object_tagging

    @functools.wraps(send)
    def send_event(account_id: str, event_name: str, bucket: Any, key: Any) -> None:
        of_tagging = event_name == notifications.S3NotificationEvent.OBJECT_TAGGING_PUT_EVENT
        if not of_tagging or getattr(tagging, "asked", False):
            send(account_id, event_name, bucket, key)

    @functools.wraps(put_object_tagging)
    def tag_object(self: S3Response) -> Any:
        tagging.asked = True
        try:
            return put_object_tagging(self)
        finally:
            tagging.asked = False

    events.send_event, patched.put_object_tagging = send_event, tag_object


def _configured(make: Any) -> Any:
    @functools.wraps(make)
    def make_configured(cls: Any, *args: Any, **kwargs: Any) -> Any:
        bucket = make(cls, *args, **kwargs)
        declared = kwargs.get("cloudformation_json") or next(each for each in args if isinstance(each, dict))
        backend = s3_backends[bucket.account_id][get_partition(bucket.region_name)]
        _configure(backend, bucket.name, declared.get("Properties", {}))
        return bucket

    return make_configured


def _configure(backend: S3Backend, name: str, properties: dict[str, Any]) -> None:
    """Configure a bucket from its properties, in the API's format."""
    versioning = properties.get("VersioningConfiguration")
    if versioning:
        backend.put_bucket_versioning(name, versioning["Status"])
    public = properties.get("PublicAccessBlockConfiguration")
    if public:
        given = {each: str(public.get(each, False)).lower() for each in _PUBLIC}
        backend.put_public_access_block(name, given)
    declared = properties.get("NotificationConfiguration")
    if declared:
        backend.put_bucket_notification_configuration(name, _notifications(declared))


def _notifications(declared: dict[str, Any]) -> dict[str, Any]:
    """Convert CloudFormation's notifications to the API's format."""
    found: dict[str, Any] = {}
    for kind, (api_kind, target, api_target) in _KINDS.items():
        found[api_kind] = [
            {api_target: each[target], "Event": [each["Event"]], **_filter(each.get("Filter"))}
            for each in declared.get(kind) or ()
        ]
    bridge = declared.get("EventBridgeConfiguration")
    if bridge is not None and str(bridge.get("EventBridgeEnabled", True)).lower() == "true":
        found["EventBridgeConfiguration"] = {}
    return found


def _filter(declared: dict[str, Any] | None) -> dict[str, Any]:
    if not declared:
        return {}
    rules = [{"Name": each["Name"].lower(), "Value": each["Value"]} for each in declared["S3Key"]["Rules"]]
    return {"Filter": {"S3Key": {"FilterRule": rules}}}


def _event(event_name: str, bucket: FakeBucket, key: Any, notification_id: str) -> JsonObject:
    """Return an S3 event:
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html.
    """
    name = str(getattr(event_name, "value", event_name)).removeprefix("s3:")
    stored: JsonObject = {"key": quote_plus(key.name, safe="/")}
    if not name.startswith("ObjectRemoved:"):
        stored |= {"size": key.size, "eTag": key.etag.strip('"')}
    version: Json = key.version_id
    if bucket.is_versioned and isinstance(version, str):
        stored["versionId"] = version
    stored["sequencer"] = f"{next(_sequence):018X}"
    moment = iso_8601_datetime_with_milliseconds()
    owner: JsonObject = {"principalId": bucket.account_id}
    record: JsonObject = {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": bucket.region_name,
        "eventTime": moment,
        "eventName": name,
        "userIdentity": {"principalId": f"AWS:{bucket.account_id}"},
        "requestParameters": {"sourceIPAddress": "127.0.0.1"},
        "responseElements": {"x-amz-request-id": "", "x-amz-id-2": ""},
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": notification_id,
            "bucket": {"name": bucket.name, "ownerIdentity": owner, "arn": bucket.arn},
            "object": stored,
        },
    }
    return {"Records": [record]}
