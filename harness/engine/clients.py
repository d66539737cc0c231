"""boto3 clients for one endpoint. Each client is created on first use."""

from __future__ import annotations

import os
import threading
from datetime import UTC, datetime
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

from harness.engine.base import PATIENCE_S, Endpoint

if TYPE_CHECKING:
    import boto3
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_stepfunctions import SFNClient


# botocore settings (in the file, in the environment, default, conversion) that must not be looked up.
NOTHING_OF_THE_DEVELOPERS = {
    "profile": (None, None, None, None),
    "config_file": (None, None, os.devnull, None),
    "credentials_file": (None, None, os.devnull, None),
}
SERVICES = ("s3", "cloudformation", "sns", "sqs", "stepfunctions", "dynamodb", "iam")


def loaded_session() -> boto3.session.Session:
    """Return a boto3 session that has read the API models of `SERVICES`.

    Reading them is the slow part of creating a client.
    """
    import boto3  # noqa: PLC0415  (start-up)
    import botocore.session  # noqa: PLC0415

    session = botocore.session.Session(session_vars=NOTHING_OF_THE_DEVELOPERS)
    loader = _loader(session.get_config_variable("data_path"))
    session.register_component("data_loader", loader)
    for service in SERVICES:
        session.get_service_model(service)
        loader.load_service_model(service, "endpoint-rule-set-1")
    session.get_component("response_parser_factory").set_parser_defaults(timestamp_parser=_moment)
    made = boto3.session.Session(botocore_session=session)
    loader.search_paths[:] = dict.fromkeys(loader.search_paths)  # boto3 appends its version each time
    return made


@cache
def _loader(data_path: str | None) -> Any:
    """Return the API model loader, which caches models and is shared by all sessions."""
    from botocore.loaders import create_loader  # noqa: PLC0415  (start-up)

    return create_loader(data_path)


def _moment(value: Any) -> datetime:
    """Convert a time in a response to UTC.

    botocore would look up the local time zone for each event in a history.
    """
    if isinstance(value, int | float):
        return datetime.fromtimestamp(value, UTC)
    from botocore.utils import parse_timestamp  # noqa: PLC0415  (start-up)

    moment: datetime = parse_timestamp(value)
    return moment


class Clients:
    """boto3 clients for an engine. Any thread may use them.

    They use the engine's endpoint and keys, so no call can reach real AWS.
    """

    def __init__(self, endpoint: Endpoint, session: boto3.session.Session | None = None):
        self.endpoint = endpoint
        self.session = session or loaded_session()
        self._lock = threading.Lock()  # clients are thread-safe, sessions are not

    def client(self, service: str) -> Any:
        """Return a new client for any service."""
        from botocore.config import Config  # noqa: PLC0415  (boto3 takes a quarter of a second to import)

        config = Config(
            s3={"addressing_style": "path"},
            retries={"mode": "standard", "total_max_attempts": 3},
            max_pool_connections=32,
            inject_host_prefix=False,
            proxies={},
            connect_timeout=PATIENCE_S,
            read_timeout=PATIENCE_S,
        )
        with self._lock:
            return self.session.client(
                service,
                region_name=self.endpoint.region,
                endpoint_url=self.endpoint.url,
                aws_access_key_id=self.endpoint.access_key_id,
                aws_secret_access_key=self.endpoint.secret_access_key,
                aws_session_token=self.endpoint.session_token or None,
                verify=self.endpoint.ca_bundle or None,
                config=config,
            )

    def create_bucket(self, name: str) -> None:
        """Create a bucket in the endpoint's region.

        S3 requires the region in the request unless it is us-east-1.
        """
        if self.endpoint.region == "us-east-1":
            self.s3.create_bucket(Bucket=name)
        else:
            region: Any = self.endpoint.region
            self.s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": region})

    @cached_property
    def cloudformation(self) -> CloudFormationClient:  # noqa: D102
        return self.client("cloudformation")  # type: ignore[no-any-return]

    @cached_property
    def dynamodb(self) -> DynamoDBClient:  # noqa: D102
        return self.client("dynamodb")  # type: ignore[no-any-return]

    @cached_property
    def iam(self) -> IAMClient:  # noqa: D102
        return self.client("iam")  # type: ignore[no-any-return]

    @cached_property
    def lambda_(self) -> LambdaClient:  # noqa: D102
        return self.client("lambda")  # type: ignore[no-any-return]

    @cached_property
    def logs(self) -> CloudWatchLogsClient:  # noqa: D102
        return self.client("logs")  # type: ignore[no-any-return]

    @cached_property
    def s3(self) -> S3Client:  # noqa: D102
        return self.client("s3")  # type: ignore[no-any-return]

    @cached_property
    def secretsmanager(self) -> Any:  # noqa: D102
        return self.client("secretsmanager")

    @cached_property
    def sns(self) -> SNSClient:  # noqa: D102
        return self.client("sns")  # type: ignore[no-any-return]

    @cached_property
    def sqs(self) -> SQSClient:  # noqa: D102
        return self.client("sqs")  # type: ignore[no-any-return]

    @cached_property
    def ssm(self) -> Any:  # noqa: D102
        return self.client("ssm")

    @cached_property
    def stepfunctions(self) -> SFNClient:  # noqa: D102
        return self.client("stepfunctions")  # type: ignore[no-any-return]
