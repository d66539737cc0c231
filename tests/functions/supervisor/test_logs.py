"""Logs are exact and complete when invoke returns, and look like in CloudWatch."""

from __future__ import annotations

import json
import re

from harness.functions.supervisor.logs import LogBuffer


def lines_between(log: str) -> list[str]:
    """The lines in a text log without START, END and REPORT."""
    start, *lines, end, report = log.splitlines()
    assert start.startswith("START RequestId: ")
    assert end.startswith("END RequestId: ")
    assert report.startswith("REPORT RequestId: ")
    return lines


def test_a_text_log_is_framed_by_lambdas_lines(either_runtime, make_function):
    config = make_function("def handler(event, context): print('hello')", memory_mib=192)
    invocation = either_runtime.invoke(config, b"{}")
    request = re.escape(invocation.request_id)
    assert re.fullmatch(
        rf"START RequestId: {request} Version: \$LATEST\nhello\nEND RequestId: {request}\n"
        rf"REPORT RequestId: {request}\tDuration: [\d.]+ ms\tBilled Duration: \d+ ms\tMemory Size: 192 MB\t"
        r"Max Memory Used: [1-9]\d* MB\tInit Duration: [\d.]+ ms\n",
        invocation.log,
    )
    assert "Init Duration" not in either_runtime.invoke(config, b"{}").log


def test_all_ways_to_write_keep_their_order(runtime, make_function):
    config = make_function(
        """
        import logging, os, subprocess, sys
        print("while loading")
        def handler(event, context):
            print("printed")
            logging.getLogger().warning("logged %s", 1)
            os.write(1, b"straight\\n")
            sys.stderr.write("error\\n")
            subprocess.run(["sh", "-c", "echo child"], check=True)
            context.log("context\\n")
            print("no newline", end="")
        """
    )
    invocation = runtime.invoke(config, b"{}")
    lines = lines_between(invocation.log)
    logged = lines.pop(2)
    assert re.fullmatch(
        rf"\[WARNING\]\t\d{{4}}-\d\d-\d\dT[\d:.]+Z\t{invocation.request_id}\tlogged 1", logged
    )
    assert lines == ["while loading", "printed", "straight", "error", "child", "context", "no newline"]


def test_a_large_log_is_complete(runtime, make_function):
    config = make_function(
        """
        def handler(event, context):
            for number in range(event): print(number, "x" * 1000)
        """
    )
    lines = lines_between(runtime.invoke(config, b"3000").log)
    assert lines == [f"{number} {'x' * 1000}" for number in range(3000)]


def test_each_invocation_has_its_own_log(runtime, make_function):
    config = make_function("def handler(event, context): print('event', event)")
    assert [lines_between(runtime.invoke(config, event).log) for event in (b"1", b"2")] == [
        ["event 1"],
        ["event 2"],
    ]


def test_json_logs_have_json_events_of_the_platform(runtime, make_function):
    config = make_function(
        """
        import logging
        def handler(event, context):
            logging.getLogger().info("counted", extra={"bucket": "photos"})
            logging.getLogger().debug("not this")
        """,
        log_format="JSON",
        log_level="INFO",
    )
    invocation = runtime.invoke(config, b"{}")
    start, entry, report = [json.loads(line) for line in invocation.log.splitlines()]
    assert start["type"] == "platform.start"
    assert start["record"] == {"requestId": invocation.request_id, "version": "$LATEST"}
    assert (entry["level"], entry["message"], entry["bucket"]) == ("INFO", "counted", "photos")
    assert entry["requestId"] == invocation.request_id
    assert report["type"] == "platform.report"
    assert report["record"]["status"] == "success"
    assert report["record"]["metrics"]["memorySizeMB"] == 128


def test_json_logs_of_an_error_have_its_trace(runtime, make_function):
    invocation = runtime.invoke(make_function("def handler(event, context): 1/0", log_format="JSON"), b"{}")
    _, error, report = [json.loads(line) for line in invocation.log.splitlines()]
    assert (error["level"], error["errorType"]) == ("ERROR", "ZeroDivisionError")
    assert report["record"]["status"] == "error"
    assert report["record"]["errorType"] == "ZeroDivisionError"


def test_output_that_only_looks_like_a_frame_is_kept():
    buffer = LogBuffer()
    buffer.feed(b"\xa5\x5a\x00\x03\xff\xff\xff\xff")
    buffer.feed(b"more")
    assert buffer.take().endswith("more")
    assert buffer.take() == ""
