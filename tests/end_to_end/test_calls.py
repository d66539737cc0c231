"""All AWS calls in a complete run on the embedded engine. They are the same in every run."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from documentation import blocks

from harness.engine.clients import Clients
from harness.expect import BUILT_IN
from harness.expect.compare import compare
from harness.observe.model import SeenCall
from harness.pytest_plugin import Runner
from harness.scenario.load import parse

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ROOT = Path(__file__).parents[2]
PAGE = "how-to/calls.md"


def stripped(call: SeenCall, began: datetime) -> tuple[Any, ...]:
    """A call without the values that differ between runs: request IDs, and the run name in ARNs."""
    other = replace(call, request_id="", execution="", params={}, at=EPOCH)
    return other, call.at - began, sorted(call.params), call.params.get("Bucket")


def test_calls_are_the_same_on_every_run(harness_clients: Clients, harness_run: Runner) -> None:
    for bucket in ("attic", "photos", "video"):
        harness_clients.s3.create_bucket(Bucket=bucket)
    runs = [harness_run({}, name=name).observation for name in ("one", "two")]
    first, second = runs
    (one,), (two,) = first.runs, second.runs
    names = [call.operation for call in first.calls]
    assert names.count("ListObjectsV2") == 3
    assert names.count("Invoke") == len(first.invocations)
    assert all(call.execution and call.state for call in first.calls)
    assert {call.request_id for call in first.calls} == {"", *(i.request_id for i in first.invocations)}
    of_second = [call for call in second.calls if call.execution.endswith(":two")]  # not the earlier calls
    assert [stripped(call, one.execution.started_at) for call in first.calls] == [
        stripped(call, two.execution.started_at) for call in of_second
    ]


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Any]:
    """Output of `harness run -v` for the scenario in the documentation, and its JSON."""
    folder = tmp_path_factory.mktemp("calls")
    scenario, results = folder / "two.yaml", folder / "results.json"
    (text,) = blocks("yaml", PAGE)
    scenario.write_text(text)
    done = subprocess.run(
        [sys.executable, "-m", "harness", "run", "-v", scenario, "--json", results],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout, json.loads(results.read_text())


def test_a_run_shows_the_tree_of_the_documentation(ran: tuple[str, Any]) -> None:
    output, _ = ran
    position = 0
    for part in blocks("text", PAGE)[1].split("...\n"):
        assert part in output[position:]
        position = output.index(part, position)
    assert "└── sns:Publish  succeeded  TopicArn=" in output
    assert max(len(line) for line in output.splitlines() if "── " in line) <= 110


def test_a_mismatch_is_that_of_the_documentation(harness_clients: Clients, harness_run: Runner) -> None:
    for bucket in ("attic", "photos"):
        harness_clients.s3.create_bucket(Bucket=bucket)
    entry = "{call: s3:ListObjectsV2, bucket: photos, count: 2}"
    text = f"title: t\nseed: {{buckets: {{photos: {{}}, attic: {{}}}}}}\nexpect:\n  calls: [{entry}]\n"
    (mismatch,) = compare(parse(text, BUILT_IN), harness_run({}).observation)
    assert f"calls: {mismatch.summary}\n" == blocks("text", PAGE)[0]


def test_the_json_has_the_calls(ran: tuple[str, Any]) -> None:
    _, document = ran
    (result,) = document["results"]
    calls = result["observation"]["calls"]
    (photos,) = [c for c in calls if c["operation"] == "ListObjectsV2" and c["bucket"] == "photos"]
    invocations = {i["request_id"]: i["function"] for i in result["observation"]["invocations"]}
    assert invocations[photos["request_id"]] == photos["function"] == "ListObjectsFunction"
    assert (photos["status"], photos["attempts"], photos["state"]) == (200, 1, "ListObject1")
