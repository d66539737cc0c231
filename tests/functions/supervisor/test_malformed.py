"""Malformed data ends only the connection or the invocation that sent it."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys

import pytest

FINE = "def handler(event, context): return 'fine'"


@pytest.fixture
def runtime_after(runtime, make_function):
    """The runtime, which must still serve other callers after the test."""
    yield runtime
    assert runtime.invoke(make_function(FINE), b"{}").result == '"fine"'


ADDRESS = """
import os
def handler(event, context): return os.environ["AWS_LAMBDA_RUNTIME_API"]
"""


@pytest.fixture
def address(runtime_after, make_function) -> str:
    """The address of an environment's Runtime API."""
    address: str = json.loads(runtime_after.invoke(make_function(ADDRESS), b"{}").result)
    return address


@pytest.mark.parametrize(
    "data",
    [
        b"GET\r\n\r\n",
        b"\r\n\r\n",
        b"\xff\x00\xfe\r\n\r\n",
        b"GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\n\r\n",
        b"GET /guessed/2018-06-01/runtime/invocation/next HTTP/1.1\r\n\r\n",
        b"GET /SECRET/elsewhere HTTP/1.1\r\n\r\n",
        b"POST /SECRET/2018-06-01/runtime/init/error HTTP/1.1\r\nContent-Length: abc\r\n\r\n",
        b"POST /SECRET/2018-06-01/runtime/init/error HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
        b"POST /SECRET/2018-06-01/runtime/init/error HTTP/1.1\r\nContent-Length: 99999999999999\r\n\r\n",
        b"POST /SECRET/2018-06-01/runtime/init/error HTTP/1.1\r\nContent-Length: \xb2\r\n\r\n",
        b"a" * (3 << 20),
    ],
)
def test_what_is_no_request_ends_the_connection(address, data):
    host, _, secret = address.partition("/")
    with socket.create_connection(host.split(":"), 10) as connection:
        try:
            connection.sendall(data.replace(b"SECRET", secret.encode()))
            assert connection.recv(100) == b""
        except (BrokenPipeError, ConnectionResetError):
            pass


@pytest.mark.skipif(
    sys.platform != "linux" or os.geteuid() != 0, reason="only root can become another user to try it"
)
def test_another_user_cannot_use_an_environments_runtime_api(address):
    host = address.partition("/")[0]
    program = (
        "import os, socket, sys; os.setgid(65534); os.setuid(65534)\n"
        "c = socket.socket(); c.connect(('127.0.0.1', int(sys.argv[1].split(':')[1])))\n"
        "c.sendall(b'GET /2018-06-01/runtime/invocation/next HTTP/1.1\\r\\n\\r\\n')\n"
        "print(c.recv(100))"
    )
    asked = subprocess.run([sys.executable, "-c", program, host], capture_output=True, text=True, check=True)
    assert asked.stdout == "b''\n"


POSTS = """
import http.client, os
def handler(event, context):
    host, _, secret = os.environ["AWS_LAMBDA_RUNTIME_API"].partition("/")
    connection = http.client.HTTPConnection(host)
    path = event["path"].replace("ID", context.aws_request_id)
    connection.request("POST", f"/{secret}/2018-06-01/runtime/{path}", event["body"])
    return connection.getresponse().status
"""


@pytest.mark.parametrize("body", ["", "no JSON", "[]", "null", "{}", '{"errorType": 5}', "[" * 100_000])
def test_an_error_that_names_no_type_is_an_error_all_the_same(runtime_after, make_function, body):
    event = json.dumps({"path": "invocation/ID/error", "body": body}).encode()
    invocation = runtime_after.invoke(make_function(POSTS), event)
    assert invocation.error is not None
    assert invocation.result == body


@pytest.mark.parametrize("body", ["", "no JSON", "[]", '{"errorType": []}'])
def test_an_error_of_the_initialisation_that_names_no_type(runtime_after, make_function, body):
    source = (
        f"{POSTS}\nclass C: aws_request_id = ''\nhandler({{'path': 'init/error', 'body': {body!r}}}, C)\n"
    )
    invocation = runtime_after.invoke(make_function(source + "os._exit(1)"), b"{}")
    assert invocation.error is not None
    assert (invocation.error.type, invocation.error.message) == ("Runtime.Unknown", body)


@pytest.mark.parametrize(
    "line",
    [
        "garbage",
        "",
        "[]",
        "5",
        "null",
        "{}",
        '{"a": 1, "b": 2}',
        '{"clock": 5}',
        '{"clock": {"request_id": "ID"}}',
        '{"clock": {"request_id": "ID", "now_s": NaN, "asleep": false, "expired": false}}',
        '{"clock": {"request_id": "ID", "now_s": 1e999, "asleep": false, "expired": false}}',
        '{"clock": {"request_id": "ID", "now_s": "x", "asleep": false, "expired": false}}',
        '{"fault": {"request_id": "ID"}}',
        '{"fault": {"request_id": "ID", "id": "x", "seen": 1, "fired": 1}}',
        '{"other": {"request_id": "ID"}}',
        '{"call": {}}',
        '{"call": {"service": "s3"}}',
        '{"call": ],[}',
        '{"call": 5}',
        "[" * 100_000,
    ],
)
def test_a_report_that_cannot_be_read_fails_its_invocation_and_names_the_cause(
    runtime_after, make_function, line
):
    config = make_function(
        """
        import os, time
        def handler(event, context):
            data = event.replace("ID", context.aws_request_id).encode() + b"\\n"
            while data: data = data[os.write(3, data):]
            return "done"
        """
    )
    invocation = runtime_after.invoke(config, json.dumps(line).encode())
    assert invocation.error is not None
    assert invocation.error.type == "Harness.MalformedRecord"
    assert re.search("descriptors? 3|file descriptor", invocation.error.message)
    assert runtime_after.invoke(config, json.dumps('{"call": 5').encode()).error is not None
