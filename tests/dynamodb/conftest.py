"""The embedded engine with three tables, and a client that sends any request unchecked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config
from secondary_index import index

from harness.engine.clients import Clients
from harness.engine.moto.engine import MotoEngine


@pytest.fixture(scope="session")
def engine() -> Iterator[MotoEngine]:
    engine = MotoEngine()
    engine.start()
    yield engine
    engine.stop()


@pytest.fixture(scope="session")
def clients(engine: MotoEngine) -> Clients:
    return Clients(engine.reset())


@pytest.fixture(scope="session")
def client(engine: MotoEngine, clients: Clients) -> Any:
    """DynamoDB without botocore's checks. `hash` has the key pk; `pair` has pk and sk, and indexes."""
    endpoint = engine.reset()
    db = boto3.client(
        "dynamodb",
        endpoint_url=endpoint.url,
        region_name=endpoint.region,
        aws_access_key_id="test",
        aws_secret_access_key="test",
        aws_session_token=endpoint.session_token,
        config=Config(parameter_validation=False, retries={"total_max_attempts": 1}),
    )
    attribute = [{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk", "local", "color")]
    db.create_table(
        TableName="hash",
        AttributeDefinitions=attribute[:1],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    db.create_table(
        TableName="pair",
        AttributeDefinitions=attribute,
        KeySchema=[
            {"AttributeName": "pk", "KeyType": "HASH"},
            {"AttributeName": "sk", "KeyType": "RANGE"},
        ],
        LocalSecondaryIndexes=[index("by-local", "pk", "local")],
        GlobalSecondaryIndexes=[index("by-color", "color", ProjectionType="KEYS_ONLY")],
        BillingMode="PAY_PER_REQUEST",
    )
    return db
