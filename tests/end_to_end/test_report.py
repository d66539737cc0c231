"""Test the report from Python with the plugin's fixtures, beyond what scenario files support."""

from __future__ import annotations

import json

from harness.engine.clients import Clients
from harness.pytest_plugin import Runner


def put(aws: Clients, bucket: str, **objects: bytes) -> None:
    aws.s3.create_bucket(Bucket=bucket)
    for key, body in objects.items():
        aws.s3.put_object(Bucket=bucket, Key=key.replace("__", "."), Body=body)


def test_what_is_reported_is_what_is_there(harness_clients: Clients, harness_run: Runner) -> None:
    put(harness_clients, "photos", cat__JPG=b"12345", dog__jpg=b"123")
    put(harness_clients, "odd", README=b"1")
    seen = harness_run({}).observation
    (run,) = seen.runs
    assert run.execution.status == "SUCCEEDED"
    rows = {
        item["bucket_extension"]: (item["object_count"], item["total_bytes"])
        for item in seen.tables["UsageTable"]
    }
    assert rows == {
        "odd/#status": (1, 1),
        "odd/(none)": (1, 1),
        "photos/#status": (2, 8),
        "photos/.jpg": (2, 8),
    }
    (message,) = seen.messages
    assert "2 buckets, 3 objects" in (message.subject or "")
    assert seen.machines_left == ()


def test_the_second_run_counts_what_changed_in_between(harness_clients: Clients, harness_run: Runner) -> None:
    put(harness_clients, "photos", a__txt=b"1")
    harness_run({}, name="before")
    harness_clients.s3.put_object(Bucket="photos", Key="b.txt", Body=b"22")
    seen = harness_run({}, name="after").observation
    counts = {
        i["run_id"]: i["object_count"] for i in seen.tables["UsageTable"] if i.get("extension") == ".txt"
    }
    assert counts == {"before": 1, "after": 2}


def test_every_log_line_is_json_with_the_run_and_no_key_of_an_object(
    harness_clients: Clients, harness_run: Runner
) -> None:
    put(harness_clients, "photos", very_private__txt=b"1")
    seen = harness_run({}).observation
    lines = [json.loads(line) for i in seen.invocations for line in i.log.splitlines()]
    own = [line for line in lines if str(line.get("logger", "")).startswith("usage_report")]
    assert own
    assert all(line["run_id"] == "run-1" for line in own)
    assert not any("very_private" in i.log for i in seen.invocations)
