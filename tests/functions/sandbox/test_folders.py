"""A function sees the same folders as on Lambda, with and without namespaces.

Each test runs in three modes: as root, as a different user, and where namespaces are forbidden.
"""

from __future__ import annotations

import functools
import importlib.util
import json
from typing import Any

import pytest
from folder_probes import ENOSPC, PROBES, SIZES, SOURCE
from isolation_modes import MODES, play, reason_against

MARK = """
import os, time
def handler(event, context):
    seen = os.path.exists("/tmp/mark")
    with open("/tmp/mark", "w") as file: file.write(context.function_name)
    time.sleep(0.2)
    with open("/tmp/mark") as file: return seen, file.read() == context.function_name
"""

FILL = """
def handler(event, context):
    with open("/tmp/big", "wb") as file:
        for _ in range(600): file.write(b"x" * (1 << 20))
    return "written"
"""


@pytest.fixture(
    params=[pytest.param(mode, marks=pytest.mark.thorough) if mode == "user" else mode for mode in MODES]
)
def mode(request: pytest.FixtureRequest) -> str:
    if reason := reason_against(request.param):
        pytest.skip(reason)
    return str(request.param)


def test_files_and_programs_are_as_on_lambda(mode: str) -> None:
    assert _probed(mode)["probes"] == dict(PROBES)


def test_tmp_has_the_functions_size(mode: str) -> None:
    assert _probed(mode)["sizes"] == dict(enumerate(value for _, value in SIZES))


def test_only_without_namespaces_a_word_is_said_about_programs(mode: str) -> None:
    notes = _probed(mode)["notes"]
    if mode == "forbidden":
        ((said,),) = [notes]
        assert said.startswith("starts other programs, such as sh; without mount namespaces")
    else:
        assert notes == []


@functools.cache
def _probed(mode: str) -> dict[str, Any]:
    native = importlib.util.find_spec("_bisect")
    assert native is not None
    files = {"bin/tool.sh": "#!/bin/sh\necho hi\n", "package/__init__.py": ""}
    files["probes.json"] = json.dumps([text for text, _ in PROBES])
    copies = {"package/_bisect.so": native.origin}
    jobs: list[Any] = [["probes", SOURCE, {"files": files, "copies": copies}]]
    sizes = {"probes.json": json.dumps([text for text, _ in SIZES])}
    jobs.append(["sizes", SOURCE, {"tmp_mib": 8, "files": sizes}])
    (probes, small) = play(mode, [jobs])[0]
    return {
        "probes": dict(zip((text for text, _ in PROBES), probes["result"], strict=True)),
        "sizes": dict(enumerate(small["result"])),
        "notes": probes["notes"],
    }


def test_600_mb_fit_only_with_more_ephemeral_storage(mode: str) -> None:
    ((small, large),) = play(mode, [[["small", FILL, {}], ["large", FILL, {"tmp_mib": 1024}]]])
    assert small["error"]["type"] == "OSError"
    assert small["error"]["message"] == ENOSPC.partition(": ")[2]
    assert large["result"] == "written"


def test_no_parallel_function_reads_anothers_file(mode: str) -> None:
    jobs = ["together", *([f"function-{number}", MARK, {}] for number in range(40))]
    (seen,) = play(mode, [jobs])
    assert [each["result"] for each in seen] == [[False, True]] * 40


def test_neither_another_function_nor_the_next_run_sees_a_file(mode: str) -> None:
    run = [["a", MARK, {}], ["b", MARK, {}]]
    for seen in play(mode, [run, run]):
        assert [each["result"] for each in seen] == [[False, True]] * 2


def test_a_warm_environment_keeps_its_file(mode: str) -> None:
    (seen,) = play(mode, [[["a", MARK, {}], ["a", MARK, {}]]])
    assert [each["result"] for each in seen] == [[False, True], [True, True]]


def test_a_relative_write_fails_the_function(mode: str) -> None:
    source = 'def handler(event, context): open("out.csv", "w").write("x"); return "written"'
    ((failed,),) = play(mode, [[["writer", source, {}]]])
    assert failed["error"]["type"] == "OSError"
    assert failed["error"]["message"] == "[Errno 30] Read-only file system: 'out.csv'"
    assert failed["error"]["stack_trace"][0].startswith('  File "/var/task/app.py", line 1, in handler')
