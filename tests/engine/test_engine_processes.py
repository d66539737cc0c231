"""LocalStack and MiniStack as local processes. Skipped if they are not installed."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.engine.base import Capability, Engine
from harness.engine.cleanup import inventory
from harness.engine.clients import Clients
from harness.engine.endpoint import EndpointEngine
from harness.engine.localstack.host import LocalStackHost
from harness.engine.localstack.install import VERSIONS
from harness.engine.ministack.engine import MiniStack
from harness.expect.project import expectations_of
from harness.polling import poll
from harness.scenario.load import load
from harness.session import Session
from harness.settings_reading import load_settings

ROOT = Path(__file__).parents[2]
HOST = """
import json, sys
from tests_engine import make
engine = make()
engine.start()
print(json.dumps({"folder": engine._folder, "pid": engine._child.pid}), flush=True)
sys.stdin.read()
"""
KINDS = [
    *(pytest.param(f"localstack-{v}", marks=pytest.mark.localstack) for v in VERSIONS),
    pytest.param("ministack", marks=pytest.mark.ministack),
]


def make(kind: str) -> LocalStackHost | MiniStack:
    engine = MiniStack() if kind == "ministack" else LocalStackHost(kind.removeprefix("localstack-"))
    found = engine.availability()
    if not found.usable:
        pytest.skip(f"{kind}: {found.detail}; {found.remedy}")
    return engine


@pytest.fixture(params=KINDS)
def engine(request: pytest.FixtureRequest) -> Iterator[LocalStackHost | MiniStack]:
    engine = make(request.param)
    yield engine
    engine.stop()


def scenario_of(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "scenario.yaml"
    path.write_text(text)
    return path


FAULTY = """
title: Faults, renamed buckets, logs and errors
seed: {buckets: {photos: {objects: [{key: a.jpg, size: 2 MiB}]}, secret: {}}}
faults: [{call: s3:ListObjectsV2, params: {Bucket: secret}, error: AccessDenied}]
run: {input: {include: [photos, "sec*"]}}
expect:
  execution: {status: SUCCEEDED}
  aggregates: {photos: {.jpg: [1, 2 MiB]}, secret: {}}
  bucket_status: {photos: COUNTED, secret: DENIED}
  messages: [{subject: {contains: 1 bucket not read}, body: {contains: ["secret: DENIED"]}}]
  invocations: {ListObjectsFunction: 2}
  logs: {ListObjectsFunction: {contains: AccessDenied}}
  machines: {left: []}
"""


def test_a_scenario_passes_and_nothing_stays(engine: LocalStackHost | MiniStack, tmp_path: Path) -> None:
    settings = load_settings(ROOT, {})
    (scenario,) = load([scenario_of(tmp_path, FAULTY)], expectations_of(settings))
    with Session(engine) as session:
        result = session.run(scenario, settings)
        assert (result.outcome, result.mismatches, result.reason) == ("passed", (), "")
        before, folder = session.clients, engine._folder
        session.fresh()
        assert not {thing for kind, thing in inventory(before) if kind != "role"}
        pid = engine._child.pid
    assert pid is not None
    assert folder is not None
    assert not Path(folder).exists()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


@pytest.mark.localstack
def test_two_users_of_one_localstack_do_not_meet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shared = make(f"localstack-{VERSIONS[0]}")
    (scenario,) = load([scenario_of(tmp_path, FAULTY)], expectations_of(load_settings(ROOT, {})))
    try:
        url = shared.start().url
        with Session(EndpointEngine(url)) as session:
            assert Capability.FAULTS not in session.engine.capabilities, "that is for who has its token"
        monkeypatch.setenv("AWS_SESSION_TOKEN", shared.start().session_token)
        theirs: Engine = EndpointEngine(url)
        others = Clients(theirs.start())
        others.s3.create_bucket(Bucket="photos")
        others.s3.create_bucket(Bucket="secret")
        with Session(EndpointEngine(url)) as session:
            result = session.run(scenario, load_settings(ROOT, {}))
            assert (result.outcome, result.mismatches, result.reason) == ("passed", (), "")
            clients = session.clients
            assert clients.endpoint.account_id != others.endpoint.account_id
        assert not inventory(clients)
        assert {name for kind, name in inventory(others) if kind == "bucket"} == {"photos", "secret"}
        assert Capability.INVOCATIONS in theirs.capabilities
        assert theirs.invocations() == ()
    finally:
        shared.stop()


@pytest.mark.localstack
def test_two_workers_and_a_user_share_one_localstack_and_leave_nothing() -> None:
    shared = make(f"localstack-{VERSIONS[0]}")
    names = ["empty-bucket", "no-bucket", "two-runs-at-once"]
    files = [f"scenarios/{name}.yaml" for name in names]
    try:
        endpoint = shared.start()
        at = ("--engine", "endpoint", "--endpoint-url", endpoint.url)
        exported = {**os.environ, **endpoint.env}
        pytest_command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-n", "2", *at]
        with subprocess.Popen(
            [*pytest_command, *files], cwd=ROOT, env=exported, stdout=subprocess.PIPE, text=True
        ) as workers:
            harness = [sys.executable, "-m", "harness", "run", *at, files[2]]
            user = subprocess.run(
                harness, cwd=ROOT, env=exported, capture_output=True, text=True, check=False
            )
            said, _ = workers.communicate()
        assert user.returncode == 0, user.stdout + user.stderr
        assert workers.returncode == 0, said
        clients = Clients(shared.reset())
        for name in ("attic", "photos"):  # its names are shared by all accounts
            clients.s3.create_bucket(Bucket=name)
    finally:
        shared.stop()


@pytest.mark.parametrize("kind", KINDS)
def test_everything_ends_when_the_harness_is_killed(kind: str, tmp_path: Path) -> None:
    make(kind)
    create = "MiniStack()" if kind == "ministack" else f"LocalStackHost({kind.removeprefix('localstack-')!r})"
    module = "ministack.engine" if kind == "ministack" else "localstack.host"
    script = HOST.replace("from tests_engine import make\n", f"from harness.engine.{module} import *\n")
    script = script.replace("make()", create)
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as host:
        assert host.stdout is not None
        ready = json.loads(host.stdout.readline())
        host.send_signal(signal.SIGKILL)

    def left() -> list[str]:
        return [p for p in (f"/proc/{ready['pid']}/cwd", ready["folder"]) if os.path.exists(p)]

    poll(left, lambda paths: not paths, what="end of process and folder", timeout_s=20)


def test_an_engine_that_died_in_mid_run_is_an_engine_error(
    engine: LocalStackHost | MiniStack, tmp_path: Path
) -> None:
    settings = load_settings(ROOT, {})
    (scenario,) = load([scenario_of(tmp_path, FAULTY)], expectations_of(settings))
    with Session(engine) as session:
        assert session.start()
        assert engine._child.pid is not None
        os.kill(engine._child.pid, signal.SIGKILL)
        result = session.run(scenario, load_settings(ROOT, {}))
    assert (result.outcome, result.broke) == ("error", "engine")
    assert re.search(r"ended with signal|does not (answer|respond)", result.reason)
