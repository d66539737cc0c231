"""The command line as a process: its child processes end with it."""

from __future__ import annotations

import json
import signal
from urllib.parse import urlsplit

import boto3
import pytest
from processes import alive, children, start

from harness.polling import poll

FIRST = "scenarios/two-buckets.yaml"


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_up_is_reachable_as_it_says_and_leaves_nothing(how: signal.Signals) -> None:
    with start("up", FIRST, "--json") as up:
        assert up.stdout is not None
        ready = json.loads(up.stdout.readline())
        assert set(ready) == {"endpoint_url", "region", "account_id", "env", "outputs", "page"}
        assert urlsplit(ready["endpoint_url"]).hostname == "127.0.0.1"
        env = ready["env"]
        s3 = boto3.client(
            "s3",
            endpoint_url=env["AWS_ENDPOINT_URL"],
            region_name=env["AWS_DEFAULT_REGION"],
            aws_access_key_id=env["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=env["AWS_SECRET_ACCESS_KEY"],
            aws_session_token=env["AWS_SESSION_TOKEN"],
        )
        assert [b["Name"] for b in s3.list_buckets()["Buckets"]] == [
            "attic",
            "photos",
        ]  # and nothing from packaging
        assert ready["outputs"]["OrchestratorArn"].startswith(
            f"arn:aws:states:{ready['region']}:{ready['account_id']}"
        )
        started = children(up.pid)
        assert len(started) >= 2  # the engine and the function runtime
        up.send_signal(how)
        up.wait(20)
    poll(lambda: alive(started), lambda left: not left, what="end of all processes", timeout_s=10)


def test_up_without_a_scenario_is_an_empty_engine() -> None:
    with start("up") as up:
        assert up.stdout is not None
        lines = [up.stdout.readline() for _ in range(6)]
        up.send_signal(signal.SIGINT)
        up.wait(20)
    assert any(line.startswith("export AWS_ENDPOINT_URL=http://127.0.0.1:") for line in lines)


def test_a_reader_that_goes_away_is_no_bug() -> None:
    with start("list", PYTHONUNBUFFERED="1") as listing:
        assert listing.stdout is not None
        listing.stdout.close()
        assert listing.wait(20) != 4
