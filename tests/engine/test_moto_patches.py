"""Code in moto that `harness/engine/moto/` patches still exists, is unchanged, and still needs the patch.

A failure here after updating moto names the patch to check: adapt it, or remove it.
"""

from __future__ import annotations

import inspect
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import boto3
import moto
import pytest
from botocore.model import ShapeResolver
from moto import backends, mock_aws, settings
from moto.awslambda.models import LambdaBackend, LambdaFunction
from moto.awslambda.responses import LambdaResponse
from moto.cloudformation.parsing import get_model_list
from moto.core.serialize import ResponseSerializer, XFormedAttributePicker
from moto.dynamodb.comparisons import ConditionExpressionParser
from moto.dynamodb.responses import DynamoHandler
from moto.iam.access_control import IAMPolicy, PermissionResult
from moto.iam.aws_managed_policies import aws_managed_policies_data
from moto.iam.models import AWSManagedPolicy, IAMBackend, Role
from moto.moto_server.utilities import RegexConverter
from moto.moto_server.werkzeug_app import DomainDispatcherApplication
from moto.s3.models import FakeBucket, FakeKey, S3Backend, s3_backends
from moto.s3.responses import S3Response
from moto.sns.models import SNSBackend, Subscription
from moto.sqs.models import Queue, SQSBackend

from harness.engine.moto import speed

ACCOUNT, REGION = "123456789012", "us-east-1"
CREATE = ["resource_name", "cloudformation_json", "account_id", "region_name", "kwargs"]
USED = [
    (LambdaBackend.invoke, ["self", "function_name", "qualifier", "body", "headers", "response_headers"]),
    (LambdaFunction.invoke, ["self", "body", "request_headers", "response_headers"]),
    (LambdaFunction.__init__, ["self", "account_id", "spec", "region", "version"]),
    (LambdaFunction.create_from_cloudformation_json, CREATE),
    (LambdaBackend.get_function, ["self", "function_name_or_arn", "qualifier"]),
    (ResponseSerializer.get_value, ["self", "value", "key", "shape"]),
    (backends.list_of_moto_modules, []),
    (DomainDispatcherApplication.__init__, ["self", "create_app"]),
    (S3Response.list_objects_v2, ["self"]),
    (S3Response.list_objects, ["self"]),
    (S3Response.list_object_versions, ["self"]),
    (S3Response.list_multipart_uploads, ["self"]),
    (S3Response.list_parts, ["self"]),
    (S3Backend.list_multipart_uploads, ["self", "bucket_name"]),
    (LambdaResponse._get_param, ["self", "param_name", "if_none"]),
    (LambdaFunction.get_configuration, ["self", "on_create"]),
    (SNSBackend.subscribe, ["self", "topic_arn", "endpoint", "protocol"]),
    (SNSBackend.publish_batch, ["self", "topic_arn", "publish_batch_request_entries"]),
    (SQSBackend.send_message_batch, ["self", "queue_name", "entries"]),
    (Subscription.get_post_data, ["self", "message", "message_id", "subject", "message_attributes"]),
    (S3Response._bucket_response_delete_keys, ["self", "bucket_name", "authenticated"]),
    (RegexConverter.__init__, ["self", "url_map", "items"]),
    (DynamoHandler.batch_write_item, ["self"]),
    (DynamoHandler._contains_duplicates, ["self", "keys"]),
    (ConditionExpressionParser.parse, ["self"]),
    (Queue.wait_for_messages, ["self", "timeout"]),
    (Role.put_policy, ["self", "policy_name", "policy_json"]),
    (Role.create_from_cloudformation_json, CREATE),
    (IAMBackend.attach_role_policy, ["self", "policy_arn", "role_name"]),
    (AWSManagedPolicy.from_data, ["name", "account_id", "region_name", "data"]),
    (S3Response.all_buckets, ["self"]),
    (S3Backend.list_buckets, ["self", "prefix", "bucket_region", "max_buckets"]),
]


@pytest.fixture
def in_process(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Any]]:
    """Clients for unpatched moto, in this process."""
    for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    with mock_aws():
        yield lambda service: boto3.client(
            service, region_name=REGION, aws_access_key_id="test", aws_secret_access_key="test"
        )


def test_moto_is_the_minor_version_that_was_read() -> None:
    assert moto.__version__.startswith("5.2."), "read what is patched again, then change this and pyproject"


@pytest.mark.parametrize(("used", "parameters"), USED, ids=lambda value: getattr(value, "__qualname__", ""))
def test_what_is_patched_or_called_has_the_known_signature(
    used: Callable[..., Any], parameters: list[str]
) -> None:
    assert list(inspect.signature(used).parameters) == parameters


def test_every_way_of_invoking_a_function_ends_in_its_invoke() -> None:
    source = inspect.getsource(sys.modules[LambdaFunction.__module__])
    assert source.count("._invoke_lambda(") == 1
    assert "._invoke_lambda(" in inspect.getsource(LambdaFunction.invoke)


def test_a_function_has_what_the_runtime_needs_to_know_of_it(in_process: Callable[[str], Any]) -> None:
    spec = {
        "FunctionName": "f",
        "Runtime": "python3.13",
        "Role": f"arn:aws:iam::{ACCOUNT}:role/r",
        "Handler": "app.handler",
        "Code": {"ZipFile": ""},
        "Timeout": 7,
        "MemorySize": 256,
        "Environment": {"Variables": {"A": "b"}},
    }
    function = LambdaFunction(ACCOUNT, spec, REGION)
    assert (function.function_name, function.handler, function.role) == ("f", "app.handler", spec["Role"])
    assert (int(function.timeout), int(function.memory_size)) == (7, 256)
    assert (function.region, function.account_id) == (REGION, ACCOUNT)
    assert function.environment_vars == {"A": "b"}
    assert function.function_arn.endswith(":function:f")
    assert {"code_bytes", "code_sha_256"} <= set(dir(function))
    assert callable(function.logs_backend.ensure_log_stream)
    assert callable(function.logs_backend.put_log_events)
    assert callable(function.logs_backend.ensure_log_group)
    assert function.logs_group_name == "/aws/lambda/f"


def test_logging_config_of_a_function_is_still_dropped() -> None:
    assert "LoggingConfig" not in inspect.getsource(LambdaFunction)


def test_the_child_loads_nothing_of_motos_interpreter() -> None:
    """Its parser and moto.batch, which it needs, take longer to import than everything else."""
    program = (
        "import json, sys, harness.engine.moto.server\n"
        "import harness.engine.moto.invoke, harness.engine.moto.roles, harness.engine.moto.speed\n"
        "print(json.dumps(sorted(sys.modules)))"
    )
    loaded = json.loads(subprocess.check_output([sys.executable, "-c", program]))
    slow = ("moto.stepfunctions.parser.asl", "moto.batch", "moto.ec2", "moto.cloudformation", "antlr4")
    assert [name for name in loaded if name.startswith(slow)] == []


def test_api_gateway_validates_with_a_library_that_is_imported_when_it_is_needed() -> None:
    program = (
        "import json, sys\n"
        "from harness.engine.moto import deferred\n"
        "deferred.install()\n"
        "from moto.apigateway import models\n"
        "before = 'pydantic_settings' in sys.modules\n"
        "good = {'openapi': '3.0.0', 'info': {'title': 'x', 'version': '1'}, 'paths': {}}\n"
        "models.validate(good)\n"
        "try:\n"
        "    models.validate({**good, 'paths': 1})\n"
        "except models.OpenAPIValidationError as error:\n"
        "    print(json.dumps([before, str(error)]))"
    )
    before, error = json.loads(subprocess.check_output([sys.executable, "-c", program]))
    assert not before
    assert "1 is not of type 'object'" in error


@pytest.mark.parametrize(
    ("obj", "kind", "picked"),
    [
        ({"Name": "x"}, "string", "x"),
        ({"name": "x"}, "string", "x"),
        ({}, "string", None),
        ({"Name": [1], "Names": [2]}, "list", [2]),
        ({"Name": [1]}, "list", [1]),
    ],
)
def test_members_of_answers_are_picked_as_before(obj: dict[str, Any], kind: str, picked: object) -> None:
    model = {"type": kind, **({"member": {"shape": "Text"}} if kind == "list" else {})}
    shape = ShapeResolver({"Names": model, "Text": {"type": "string"}}).get_shape_by_name("Names")
    serializer: Any = SimpleNamespace(
        _value_picker=XFormedAttributePicker(), operation_model=SimpleNamespace(service_model=None), path=[]
    )
    slow = ResponseSerializer.get_value
    before = slow(serializer, obj, "Name", shape)
    try:
        speed.install()
        fast = ResponseSerializer.get_value
        assert fast is not slow
        for _ in range(2):  # the second time from its cache
            assert fast(serializer, obj, "Name", shape) == before == picked
    finally:
        ResponseSerializer.get_value = slow  # type: ignore[method-assign]


def test_objects_are_still_listed_without_their_checksums_and_with_a_name(
    in_process: Callable[[str], Any],
) -> None:
    s3 = in_process("s3")
    s3.create_bucket(Bucket="photos")
    s3.put_object(Bucket="photos", Key="k", Body=b"hello")
    (listed,) = s3.list_objects(Bucket="photos")["Contents"]
    assert "DisplayName" in listed["Owner"]
    assert "ChecksumType" not in listed


def test_messages_of_errors_are_still_written_twice(in_process: Callable[[str], Any]) -> None:
    sns = in_process("sns")
    with pytest.raises(sns.exceptions.NotFoundException) as caught:
        sns.get_topic_attributes(TopicArn=f"arn:aws:sns:{REGION}:{ACCOUNT}:none")
    assert "message" in caught.value.response["Error"]


def test_a_policy_of_a_template_is_still_kept_as_a_dict(in_process: Callable[[str], Any]) -> None:
    _create(in_process, _role(Policies=[{"PolicyName": "p", "PolicyDocument": {"Statement": []}}]))
    seen = in_process("iam").get_role_policy(RoleName="r", PolicyName="p")["PolicyDocument"]
    assert isinstance(seen, str), "moto answers JSON by itself now"


def test_managed_policies_of_a_template_are_still_dropped(in_process: Callable[[str], Any]) -> None:
    _create(in_process, _role(ManagedPolicyArns=[f"arn:aws:iam::{ACCOUNT}:policy/none"]))
    assert in_process("iam").list_attached_role_policies(RoleName="r")["AttachedPolicies"] == []


def test_the_policies_of_aws_are_there_by_name() -> None:
    policy = json.loads(aws_managed_policies_data)["AWSLambdaBasicExecutionRole"]
    made = AWSManagedPolicy.from_data("AWSLambdaBasicExecutionRole", ACCOUNT, "aws", policy)
    assert made.arn == "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"


def test_policies_of_topics_queues_and_buckets_are_still_passed_over() -> None:
    own = {m.cloudformation_type() for m in get_model_list() if m.__module__.startswith("moto.")}
    assert "AWS::SNS::Topic" in own
    assert not {"AWS::SNS::TopicPolicy", "AWS::SQS::QueuePolicy", "AWS::S3::BucketPolicy"} & own


def test_a_bucket_s_policy_is_still_enforced_without_its_conditions() -> None:
    deny = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}
    statement = {**deny, "Condition": {"Bool": {"aws:SecureTransport": "false"}}}
    policy = IAMPolicy(json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    assert policy.is_action_permitted("s3:ListBucket", "arn:aws:s3:::b") is PermissionResult.DENIED
    assert callable(FakeBucket.get_permission)


def test_buckets_are_still_listed_without_a_token(in_process: Callable[[str], Any]) -> None:
    s3 = in_process("s3")
    for name in ("first", "second"):
        s3.create_bucket(Bucket=name)
    assert "ContinuationToken" not in s3.list_buckets(MaxBuckets=1)


def test_an_object_is_listed_with_its_contentsize(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(s3_backends, "bucket_accounts", {})  # a bucket writes its name to it
    bucket: FakeBucket = S3Backend(REGION, ACCOUNT).create_bucket("photos", REGION)
    key = FakeKey(name="k", value=b"", account_id=ACCOUNT, region_name=REGION, bucket_name="photos", etag="e")
    key.contentsize = 5
    bucket.keys.setlist("k", [key])
    assert bucket.keys["k"].size == 5


def test_the_port_of_the_server_is_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOTO_PORT", "4711")
    assert settings.moto_server_port() == "4711"


def _role(**properties: Any) -> dict[str, Any]:
    return {
        "Type": "AWS::IAM::Role",
        "Properties": {"RoleName": "r", "AssumeRolePolicyDocument": {}, **properties},
    }


def _create(in_process: Callable[[str], Any], resource: dict[str, Any]) -> None:
    template = json.dumps({"Resources": {"Broken": resource}})
    in_process("cloudformation").create_stack(StackName="s", TemplateBody=template)
