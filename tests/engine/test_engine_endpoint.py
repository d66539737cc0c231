"""The engine `endpoint`: existing resources stay, and resources created by a scenario are removed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.engine.base import EngineError
from harness.engine.cleanup import inventory
from harness.engine.clients import Clients
from harness.engine.endpoint import EndpointEngine, checked
from harness.engine.moto.engine import MotoEngine
from harness.stack.deploy import deploy

TEMPLATE = Path(__file__).parents[2] / "lambdas" / "template.yaml"


@pytest.fixture
def emulator() -> Iterator[Clients]:
    engine = MotoEngine()
    try:
        engine.start()
        engine.admit(anybody=True, origins=())
        yield Clients(engine.start())
    finally:
        engine.stop()


@pytest.mark.parametrize(
    "url",
    [
        "https://s3.amazonaws.com",
        "https://amazonaws.com",
        "https://dynamodb.us-east-1.amazonaws.com:443/",
        "https://S3.Amazonaws.Com.",
        "https://s3.cn-north-1.amazonaws.com.cn",
        "https://lambda.us-east-1.api.aws",
    ],
)
def test_aws_itself_is_refused(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY"):
        monkeypatch.setenv(f"AWS_{name}", "real")
        monkeypatch.setenv(f"HARNESS_ENDPOINT_{name}", "real")
    with pytest.raises(EngineError, match="is AWS itself"):
        EndpointEngine(url).start()
    assert not EndpointEngine(url).availability().usable


@pytest.mark.parametrize("url", ["localhost:4566", "ftp://localhost", "http://", ""])
def test_what_is_no_url_is_refused(url: str) -> None:
    with pytest.raises(EngineError, match="invalid URL"):
        checked(url)


@pytest.mark.parametrize("url", ["http://10.0.0.7:4566/", "https://amazonaws.com.example.org"])
def test_other_hosts_are_taken(url: str) -> None:
    assert checked(url) == url.rstrip("/")


def test_without_a_url_it_says_how_to_give_one() -> None:
    with pytest.raises(EngineError, match="--endpoint-url"):
        EndpointEngine().start()


def test_nobody_there_is_said(unused_url: str) -> None:
    with pytest.raises(EngineError, match="does not speak AWS's API"):
        EndpointEngine(unused_url).start()


def test_only_what_was_made_is_removed(emulator: Clients, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY"):
        monkeypatch.setenv(f"HARNESS_ENDPOINT_{name}", "test")  # the account that others use
    emulator.s3.create_bucket(Bucket="theirs")
    before = inventory(emulator)
    engine = EndpointEngine(emulator.endpoint.url)
    clients = Clients(engine.start())
    clients.s3.create_bucket(Bucket="ours")
    clients.s3.put_object(Bucket="ours", Key="a b/ü.txt", Body=b"x")
    clients.sqs.create_queue(QueueName="ours")
    deploy(clients, TEMPLATE, "usage", {})
    made = {kind for kind, _ in inventory(emulator) - before}
    assert {"bucket", "queue", "stack", "function", "table", "topic", "role", "state machine"} <= made
    engine.reset()
    assert inventory(emulator) == before
    clients.s3.create_bucket(Bucket="ours")
    engine.stop()
    assert inventory(emulator) == before


def test_an_emulator_that_ended_is_noticed_and_stop_is_quiet() -> None:
    moto = MotoEngine()
    engine = EndpointEngine(moto.start().url)
    moto.admit(anybody=True, origins=())
    engine.start()
    moto.stop()
    with pytest.raises(EngineError, match="does not respond"):
        engine.check()
    engine.stop()
