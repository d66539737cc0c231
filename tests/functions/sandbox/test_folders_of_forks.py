"""A fork of an environment that has already entered its folders gets its own /tmp."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from harness.functions.shared.sandbox_protocol import Isolation

SCRIPT = """
import json, os, sys
from harness.functions.sandbox import folders
from harness.functions.supervisor.isolation import new_setting

isolation, folder = sys.argv[1:]
setting = new_setting(folder, folder, isolation)
setting["task"] = f"{folder}/lang"
setting["bytecode"] = f"{folder}/tmp/bytecode"
os.mkdir(setting["bytecode"])

def with_tmp(name):
    own = {**setting, "tmp": f"{folder}/tmp/{name}"}
    os.mkdir(own["tmp"])
    return own

template, first, second = map(with_tmp, ("template", "first", "second"))
reading, writing = os.pipe()
folders.prepare(folder)
folders.enter(template, print)
os.write(writing, json.dumps([folders.tmp_is_empty()]).encode() + b"\\n")
open("/tmp/of-template", "w").close()
for own in (first, second):
    if os.fork() == 0:
        folders.enter(own, print)
        empty = folders.tmp_is_empty()
        open("/tmp/own", "w").close()
        seen = [empty, os.getcwd(), os.listdir("/tmp")]
        os.write(writing, json.dumps(seen).encode() + b"\\n")
        os._exit(0)
    os.wait()
os.write(writing, json.dumps([folders.tmp_is_empty(), os.listdir("/tmp")]).encode() + b"\\n")
os.close(writing)
print(open(reading).read())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="namespaces are Linux's")
@pytest.mark.parametrize("isolation", ["user", "mount", ""])
def test_a_fork_has_its_own_tmp(tmp_path: Path, isolation: Isolation) -> None:
    if isolation == "mount" and os.geteuid() != 0:
        pytest.skip("the tests do not run as root")
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, isolation, str(tmp_path)], capture_output=True, text=True, check=False
    )
    if isolation and "unshare" in done.stderr:
        pytest.skip("unshare is forbidden here")
    assert [json.loads(line) for line in done.stdout.strip().splitlines()] == [
        [True],
        [True, "/var/task", ["own"]],
        [True, "/var/task", ["own"]],
        [False, ["of-template"]],
    ], done.stderr
