"""`harness run --keep` and command-line errors in `harness up`, as processes."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import boto3
import pytest

from harness.polling import poll

ROOT = Path(__file__).parents[2]
HARNESS = [sys.executable, "-m", "harness"]


def test_keep_leaves_the_engine_as_the_last_scenario_left_it_until_it_is_stopped() -> None:
    with subprocess.Popen(
        [*HARNESS, "run", "scenarios/empty-bucket.yaml", "--keep"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as run:
        assert run.stdout is not None
        variables = dict(exported(run.stdout))
        client = boto3.session.Session(
            aws_access_key_id=variables["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=variables["AWS_SECRET_ACCESS_KEY"],
            aws_session_token=variables["AWS_SESSION_TOKEN"],
            region_name=variables["AWS_REGION"],
        ).client
        dynamodb = client("dynamodb", endpoint_url=variables["AWS_ENDPOINT_URL"])
        (table,) = dynamodb.list_tables()["TableNames"]
        assert dynamodb.scan(TableName=table)["Count"] > 0
        functions = descendants(run.pid)
        assert len(functions) > 3, "the engine, the template process of functions, and warm environments"
        run.send_signal(signal.SIGINT)
        assert run.wait(20) == 0, run.stdout.read()
    where = urlsplit(variables["AWS_ENDPOINT_URL"])
    with socket.socket() as probe:
        assert probe.connect_ex((where.hostname, where.port)) != 0
    poll(
        lambda: [pid for pid in functions if runs(pid)],
        lambda left: not left,
        what="end of all processes",
        timeout_s=10,
    )


@pytest.mark.parametrize(
    "arguments",
    [["up", "nowhere.yaml"], ["up", "--engine", "nosuch"], ["up", "README.md"], ["down"], []],
    ids=lambda arguments: " ".join(arguments) or "nothing",
)
def test_a_wrong_command_line_is_2_and_shows_no_traceback(arguments: list[str]) -> None:
    ended = subprocess.run([*HARNESS, *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert ended.stderr.strip()
    assert "Traceback" not in ended.stderr
    assert not ended.stdout


def exported(lines: Iterator[str]) -> Iterator[tuple[str, str]]:
    """Variables set by the shell lines that are printed when everything is ready."""
    for line in lines:
        if line.startswith("export "):
            name, _, value = line.removeprefix("export ").strip().partition("=")
            yield name, value
            if name == "AWS_REGION":  # the last one
                return


def descendants(pid: int) -> list[int]:
    """All descendants of a process."""
    parents = {int(entry): parent_of(int(entry)) for entry in os.listdir("/proc") if entry.isdigit()}
    found = [pid]
    for known in found:
        found += [child for child, parent in parents.items() if parent == known]
    return found[1:]


def parent_of(pid: int) -> int | None:
    """The parent of a running process."""
    try:
        state, parent = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[:2]
    except OSError:
        return None
    return None if state in "ZX" else int(parent)


def runs(pid: int) -> bool:
    """Return whether the process is still running."""
    return parent_of(pid) is not None
