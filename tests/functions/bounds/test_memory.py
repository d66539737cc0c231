"""MemorySize is enforced at the allocation, and memory that is enough on Lambda is enough."""

from __future__ import annotations

import json
import sys

import pytest

KILLED = "Runtime exited with error: signal: killed"

BEYOND = {
    "one of 400 MB": "def handler(e, c): return len(bytearray(400_000_000))",
    "one of 3 GB": "def handler(e, c): return len(bytearray(3_000_000_000))",
    "110 MB beside the runtime": "def handler(e, c): return len(bytearray(110_000_000))",
    "many small ones": """
        def handler(e, c):
            kept = []
            for number in range(10**7):
                kept.append([number])
            return len(kept)
        """,
    "in a thread": """
        import threading
        def handler(e, c):
            thread = threading.Thread(target=bytearray, args=(400_000_000,))
            thread.start()
            thread.join()
            return len(bytearray(400_000_000))
        """,
    "while it is loaded": "x = bytearray(400_000_000)\ndef handler(e, c): return 1",
    "after many threads": """
        import threading
        def handler(e, c):
            gate = threading.Event()
            threads = [threading.Thread(target=gate.wait) for _ in range(10)]
            for thread in threads: thread.start()
            gate.set()
            for thread in threads: thread.join()
            return len(bytearray(300_000_000))
        """,
}
CAUGHT = {
    "one": """
        def handler(e, c):
            try:
                return len(bytearray(400_000_000))
            except MemoryError:
                return "caught"
        """,
    "small ones": """
        def handler(e, c):
            kept = []
            try:
                for number in range(10**7): kept.append(str(number) * 9)
            except MemoryError:
                del kept
                return "caught"
        """,
}
OF_CHILDREN = {
    "a program": """
        import subprocess, sys
        def handler(e, c):
            return subprocess.run(["python3", "-c", "bytearray(400_000_000)"]).returncode
        """,
    "a program with many small ones": """
        import subprocess
        def handler(e, c):
            code = "kept = []\\nfor n in range(10**7): kept.append([n])"
            return subprocess.run(["python3", "-c", code]).returncode
        """,
    "programs together": """
        import subprocess
        def handler(e, c):
            code = "import sys; kept = bytearray(40_000_000); print(1, flush=True); sys.stdin.read()"
            running = [subprocess.Popen(["python3", "-c", code], stdin=-1, stdout=-1) for _ in range(4)]
            for each in running: each.stdout.readline()
            for each in running: each.communicate()
            return [each.returncode for each in running]
        """,
    "a fork": """
        import os
        def handler(e, c):
            pid = os.fork()
            if not pid:
                try: bytearray(400_000_000)
                finally: os._exit(0)
            return os.waitpid(pid, 0)
        """,
}
ENOUGH = {
    "80 MB": ("def handler(e, c): return len(bytearray(80_000_000))", 80_000_000),
    "clients": (
        """
        import boto3
        def handler(e, c):
            names = "s3", "dynamodb", "sns", "sqs", "stepfunctions", "lambda", "iam", "logs"
            return len([boto3.client(name) for name in names])
        """,
        8,
    ),
    "50 threads": (
        """
        import threading
        def handler(e, c):
            gate = threading.Event()
            threads = [threading.Thread(target=gate.wait) for _ in range(50)]
            for thread in threads: thread.start()
            kept = bytearray(40_000_000)
            gate.set()
            for thread in threads: thread.join()
            return len(threads)
        """,
        50,
    ),
    "JSON of some MB": (
        """
        import json
        def handler(e, c):
            text = json.dumps([{"key": n, "value": "x" * 20} for n in range(60_000)])
            return len(json.loads(text))
        """,
        60_000,
    ),
    "a program": (
        """
        import subprocess
        def handler(e, c):
            return subprocess.run(["python3", "-c", "print(5)"], capture_output=True).returncode
        """,
        0,
    ),
    "a process": (
        """
        import multiprocessing
        def handler(e, c):
            process = multiprocessing.get_context("fork").Process(target=bytearray, args=(30_000_000,))
            process.start()
            process.join()
            return process.exitcode
        """,
        0,
    ),
    "again and again": (
        """
        def handler(e, c):
            return sum(len(bytearray(60_000_000)) for _ in range(20))
        """,
        1_200_000_000,
    ),
    "an error of its own": (
        """
        def handler(e, c):
            try:
                raise MemoryError("mine")
            except MemoryError as error:
                return str(error)
        """,
        "mine",
    ),
}


def test_what_goes_beyond_is_killed(probe):
    ends = probe(BEYOND)
    for name, end in ends.items():
        assert end["error"] is not None, name
        kind, message = end["error"]
        assert (kind, message.partition("Error: ")[2]) == ("Runtime.ExitError", KILLED), name
        report = end["log"].splitlines()[-1]
        assert report.endswith("\tStatus: error\tError Type: Runtime.ExitError"), name


def test_a_memory_error_cannot_be_caught(probe, is_guarded):
    if not is_guarded and sys.version_info < (3, 12):
        pytest.skip("before Python 3.12 only the guard can do that")
    for name, end in probe(CAUGHT).items():
        assert end["error"] is not None, name
        assert end["error"][1].endswith(KILLED), name


def test_programs_count_too(probe, is_guarded):
    if not is_guarded:
        pytest.skip("only the guard counts them")
    for name, end in probe(OF_CHILDREN).items():
        assert end["error"] is not None, (name, end["result"])
        assert end["error"][1].endswith(KILLED), name


def test_what_is_enough_on_lambda_is_enough(probe):
    ends = probe({name: source for name, (source, _) in ENOUGH.items()})
    assert {name: (end["error"], json.loads(end["result"])) for name, end in ends.items()} == {
        name: (None, result) for name, (_, result) in ENOUGH.items()
    }


def test_a_larger_function_has_more(probe):
    source = "def handler(e, c): return len(bytearray(400_000_000))"
    (end,) = probe({"large": source}, memory_mib=512).values()
    assert (end["error"], end["result"]) == (None, "400000000")
