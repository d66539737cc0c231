"""LocalStack in a container. Skipped without a Docker engine or without the base image."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from harness.engine.base import EngineError
from harness.engine.clients import Clients
from harness.engine.localstack import image
from harness.engine.localstack.docker import LocalStackDocker
from harness.polling import poll

pytestmark = pytest.mark.docker
HOST = """
import sys
from harness.engine.localstack.docker import LocalStackDocker
engine = LocalStackDocker()
print(engine.start().url, flush=True)
sys.stdin.read()
"""


Containers = Callable[[], list[Any]]


def test_a_container_serves_on_the_loopback_interface_and_is_removed(our_containers: Containers) -> None:
    before = our_containers()
    engine = LocalStackDocker()
    try:
        clients = Clients(engine.start())
        (container,) = [c for c in our_containers() if c not in before]
        bound = [b["HostIp"] for ports in container.ports.values() for b in ports or ()]
        assert bound == ["127.0.0.1"]
        clients.s3.create_bucket(Bucket="photos")
    finally:
        engine.stop()
    assert our_containers() == before


def test_the_container_ends_when_the_harness_is_killed(our_containers: Containers) -> None:
    before = our_containers()
    with subprocess.Popen(
        [sys.executable, "-c", HOST], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as host:
        assert host.stdout is not None
        assert host.stdout.readline().startswith(b"http://")
        assert len(our_containers()) == len(before) + 1
        host.send_signal(signal.SIGKILL)
    poll(our_containers, lambda seen: seen == before, what="end of the container", timeout_s=20)


def test_an_image_that_wants_a_token_is_explained(
    docker_client: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    base = os.environ.get("LOCALSTACK_BASE", image.BASE)
    (tmp_path / "Dockerfile").write_text(f'FROM {base}\nENTRYPOINT ["/bin/sh", "-c", "exit 55"]\n')
    docker_client.images.build(path=str(tmp_path), tag="localstack-wants-token:test", rm=True)
    monkeypatch.setenv("LOCALSTACK_BASE", "localstack-wants-token:test")
    monkeypatch.delenv("LOCALSTACK_AUTH_TOKEN", raising=False)
    engine = LocalStackDocker()
    try:
        with pytest.raises(EngineError, match="requires a token: set LOCALSTACK_AUTH_TOKEN"):
            engine.start()
    finally:
        engine.stop()
        for name in (image.tag("localstack-wants-token:test"), "localstack-wants-token:test"):
            docker_client.images.remove(name, force=True)
