"""URLs in the errors that a function receives."""

import boto3
import pytest
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.exceptions import ReadTimeoutError

from harness.functions.sandbox.aws_urls import aws_url


@pytest.mark.parametrize(
    ("service", "region", "endpoint", "operation", "arguments", "expected"),
    [
        (
            "s3",
            "eu-west-1",
            "http://127.0.0.1:40405",
            "list_objects_v2",
            {"Bucket": "molasses"},
            "https://s3.eu-west-1.amazonaws.com/molasses?list-type=2&encoding-type=url",
        ),
        (
            "stepfunctions",
            "cn-north-1",
            "http://localhost:1",
            "list_state_machines",
            {},
            "https://states.cn-north-1.amazonaws.com.cn/",
        ),
        ("sqs", "eu-west-1", "http://10.0.0.1:5", "list_queues", {}, "http://10.0.0.1:5/"),
    ],
)
def test_those_of_an_engine_are_those_of_aws(service, region, endpoint, operation, arguments, expected):
    client = boto3.client(
        service,
        region_name=region,
        endpoint_url=endpoint,
        aws_access_key_id="a",
        aws_secret_access_key="b",
        config=Config(retries={"total_max_attempts": 1}),
    )

    def tell(request: AWSRequest, **_: object) -> None:
        raise ReadTimeoutError(endpoint_url=aws_url(request))

    client.meta.events.register("before-send", tell)
    with pytest.raises(ReadTimeoutError) as raised:
        getattr(client, operation)(**arguments)
    assert raised.value.kwargs["endpoint_url"] == expected
