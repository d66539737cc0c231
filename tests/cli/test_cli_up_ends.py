"""`harness up` when one of its parts exits unexpectedly, and the users that it serves."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from pathlib import Path
from typing import Any

import boto3
import pytest
import urllib3
from botocore.exceptions import ClientError
from processes import alive, child, children, start, supervisor_of

from harness.polling import poll


def ready(up: subprocess.Popen[str]) -> Any:
    """Return the JSON line that it prints when it is ready."""
    assert up.stdout is not None
    return json.loads(up.stdout.readline())


def nothing_stays(folder: Path, started: set[int]) -> None:
    """Wait until all processes and files are gone."""
    poll(lambda: alive(started), lambda left: not left, what="end of all processes", timeout_s=20)
    poll(lambda: list(folder.iterdir()), lambda left: not left, what="end of all files", timeout_s=20)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("module", ["engine", "supervisor"])
def test_up_ends_when_a_process_of_it_does_and_says_by_what(
    tmp_path: Path, module: str, how: signal.Signals
) -> None:
    with start("up", "--json", cwd=tmp_path, TMPDIR=str(tmp_path)) as up:
        ready(up)
        started = children(up.pid)
        engine = child(up.pid, "harness.engine.moto")
        struck = engine if module == "engine" else supervisor_of(engine)
        os.kill(struck, how)
        _, errors = up.communicate(timeout=60)
    assert up.returncode == 3, errors
    said, more = errors.splitlines()
    assert more == "for more: harness explain engine-ended"
    if module == "supervisor":
        assert "the function supervisor for Python 3." in said
        assert f"(process {struck}) was terminated by signal {how.value} ({how.name})" in said
    else:
        assert said.startswith("the engine cannot run: moto ended with ")
    nothing_stays(tmp_path, started)


@pytest.mark.thorough
@pytest.mark.parametrize("module", ["engine", "supervisor"])
def test_a_stopped_process_goes_when_the_command_is_killed(tmp_path: Path, module: str) -> None:
    with start("up", "--json", cwd=tmp_path, TMPDIR=str(tmp_path)) as up:
        ready(up)
        started = children(up.pid)
        engine = child(up.pid, "harness.engine.moto")
        os.kill(engine if module == "engine" else supervisor_of(engine), signal.SIGSTOP)
        up.kill()
        up.communicate(timeout=60)
    nothing_stays(tmp_path, started)


def topics(endpoint: Any, token: str | None) -> Any:
    session = boto3.session.Session("test", "test", token, endpoint["region"])
    return session.client("sns", endpoint_url=endpoint["endpoint_url"]).list_topics()["Topics"]


def test_all_three_keys_are_printed_and_the_token_is_needed(tmp_path: Path) -> None:
    with start("up", "--json", cwd=tmp_path) as up:
        endpoint = ready(up)
        printed = {name for name in endpoint["env"] if name.startswith("AWS_")}
        keys = {name for name in printed if "REGION" not in name and "PREFIX" not in name}
        assert keys == {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL"}
        assert topics(endpoint, endpoint["env"]["AWS_SESSION_TOKEN"]) == []
        with pytest.raises(ClientError, match="export AWS_SESSION_TOKEN"):
            topics(endpoint, None)
        up.send_signal(signal.SIGINT)
        said, errors = up.communicate(timeout=60)
    assert endpoint["env"]["AWS_SESSION_TOKEN"] not in said + errors


def test_open_serves_everybody_but_web_pages_after_a_warning(tmp_path: Path) -> None:
    with start("up", "--json", "--open", cwd=tmp_path) as up:
        endpoint = ready(up)
        assert topics(endpoint, None) == []
        page = urllib3.request("GET", endpoint["endpoint_url"], headers={"Origin": "http://evil.example"})
        assert page.status == 403
        up.send_signal(signal.SIGINT)
        _, errors = up.communicate(timeout=60)
    assert (
        "# --open: every user on this machine can use this engine, and can therefore run code as you."
        in errors
    )


@pytest.mark.parametrize("origin", ["*", "null", "localhost:3000", "http://localhost:3000/", "file://"])
def test_what_is_no_origin_is_refused(tmp_path: Path, origin: str) -> None:
    with start("up", "--cors", origin, cwd=tmp_path) as up:
        _, errors = up.communicate(timeout=60)
    assert up.returncode == 2
    assert ": write, for example, http://localhost:3000" in errors
