"""The embedded engine serves only clients with its session token, not other users or web pages."""

from __future__ import annotations

import http.client
import io
import json
import multiprocessing
import os
import pwd
import socket
import zipfile
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
import urllib3
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError
from localstack_client.session import Session as LocalStackSession

from harness.engine.base import Endpoint
from harness.engine.clients import Clients
from harness.engine.moto.engine import MotoEngine

INVALID = "The security token included in the request is invalid."
# A read-only call for each service and protocol, and AWS's code and status for a wrong token.
CALLS = (
    ("cloudformation", "list_stacks", "InvalidClientTokenId", 403),
    ("cloudwatch", "list_metrics", "InvalidClientTokenId", 403),
    ("dynamodb", "list_tables", "UnrecognizedClientException", 400),
    ("ec2", "describe_vpcs", "AuthFailure", 401),
    ("events", "list_rules", "UnrecognizedClientException", 400),
    ("iam", "list_roles", "InvalidClientTokenId", 403),
    ("lambda", "list_functions", "UnrecognizedClientException", 403),
    ("logs", "describe_log_groups", "UnrecognizedClientException", 400),
    ("s3", "list_buckets", "InvalidToken", 400),
    ("secretsmanager", "list_secrets", "UnrecognizedClientException", 400),
    ("sns", "list_topics", "InvalidClientTokenId", 403),
    ("sqs", "list_queues", "InvalidClientTokenId", 403),
    ("stepfunctions", "list_state_machines", "UnrecognizedClientException", 400),
    ("sts", "get_caller_identity", "InvalidClientTokenId", 403),
)
CODE = "def handler(event, context):\n    open({mark!r}, 'w').close()\n"


@pytest.fixture(scope="module")
def engine() -> Iterator[MotoEngine]:
    engine = MotoEngine()
    try:
        engine.start()
        yield engine
    finally:
        engine.stop()


@pytest.fixture
def here(engine: MotoEngine) -> Endpoint:
    endpoint = engine.reset()
    engine.admit(anybody=False, origins=())
    Clients(endpoint).s3.create_bucket(Bucket="photos")
    Clients(endpoint).s3.put_object(Bucket="photos", Key="cat", Body=b"meow")
    return endpoint


def client(endpoint: Endpoint, service: str, token: str | None, **config: Any) -> Any:
    return boto3.client(
        service,
        endpoint_url=endpoint.url,
        region_name=endpoint.region,
        aws_access_key_id="test",
        aws_secret_access_key="test",
        aws_session_token=token,
        config=Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 1}, **config),
    )


def error_of(call: Callable[[], object]) -> tuple[str, int, str]:
    with pytest.raises(ClientError) as caught:
        call()
    response: Any = caught.value.response
    error = response["Error"]
    return error["Code"], response["ResponseMetadata"]["HTTPStatusCode"], error.get("Message", "")


@pytest.mark.parametrize(("service", "operation", "code", "status"), CALLS)
def test_a_token_is_wanted_and_refused_in_the_words_of_the_service(
    here: Endpoint, service: str, operation: str, code: str, status: int
) -> None:
    getattr(client(here, service, here.session_token), operation)()
    seen = error_of(getattr(client(here, service, "wrong"), operation))
    assert seen[:2] == (code, status)
    assert "export AWS_SESSION_TOKEN=..." in seen[2]
    assert here.session_token not in seen[2]
    missing = error_of(getattr(client(here, service, None), operation))
    assert missing[:2] == (("InvalidAccessKeyId", 403) if service == "s3" else (code, status))
    unsigned = error_of(getattr(client(here, service, None, signature_version=UNSIGNED), operation))
    assert unsigned[0] in (
        "AccessDenied",
        "MissingAuthenticationToken",
        "MissingAuthenticationTokenException",
    )


def test_presigned_urls_and_forms_carry_the_token(here: Endpoint) -> None:
    for version in ("s3", "s3v4"):
        s3 = client(here, "s3", here.session_token, signature_version=version)
        url = s3.generate_presigned_url("get_object", Params={"Bucket": "photos", "Key": "cat"})
        assert urllib3.request("GET", url).data == b"meow"
        stranger = client(here, "s3", "wrong", signature_version=version)
        url = stranger.generate_presigned_url("get_object", Params={"Bucket": "photos", "Key": "cat"})
        refused = urllib3.request("GET", url, retries=False)
        assert (refused.status, b"<Code>InvalidToken</Code>" in refused.data) == (400, True)
    for token, status in ((here.session_token, 204), ("wrong", 403)):
        form = client(here, "s3", token).generate_presigned_post("photos", "dog")
        fields = {**form["fields"], "file": ("dog", b"woof" * 50_000)}
        assert urllib3.request("POST", form["url"], fields=fields, retries=False).status == status
    assert client(here, "s3", here.session_token).head_object(Bucket="photos", Key="dog")


def test_keys_of_an_assumed_role_are_served(here: Endpoint) -> None:
    sts = client(here, "sts", here.session_token)
    for answer in (
        sts.assume_role(RoleArn="arn:aws:iam::123456789012:role/r", RoleSessionName="session"),
        sts.get_session_token(),
        sts.get_federation_token(Name="bob"),
    ):
        client(here, "s3", answer["Credentials"]["SessionToken"]).list_buckets()


def test_clients_of_localstack_are_served_when_they_are_given_the_token(
    here: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in here.env.items():
        monkeypatch.setenv(name, value)
    assert error_of(LocalStackSession().client("s3").list_buckets)[:2] == ("InvalidAccessKeyId", 403)
    given = LocalStackSession().client("s3", aws_session_token=os.environ["AWS_SESSION_TOKEN"])
    assert [bucket["Name"] for bucket in given.list_buckets()["Buckets"]] == ["photos"]


def raw(endpoint: Endpoint, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, bytes]:
    """Send a request unchanged. Header names use underscores."""
    parts = urlsplit(endpoint.url)
    connection = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=20)
    try:
        connection.putrequest(method, path, skip_host=True)
        sent = {"Host": parts.netloc, "Content-Length": str(len(body))}
        for name, value in {**sent, **{n.replace("_", "-"): v for n, v in headers.items()}}.items():
            connection.putheader(name, value)
        connection.endheaders(body)
        response = connection.getresponse()
        assert "access-control-allow-origin" not in {name.lower() for name, _ in response.getheaders()}
        return response.status, response.read()
    finally:
        connection.close()


@pytest.mark.parametrize("knows", [False, True])
@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [
        ("POST", "/_harness/reset", {"Content_Type": "text/plain", "Origin": "http://evil.example"}),
        ("POST", "/_harness/faults", {"Content_Type": "text/plain", "Origin": "null"}),
        ("OPTIONS", "/", {"Origin": "http://evil.example", "Access_Control_Request_Method": "PUT"}),
        ("PUT", "/photos/cat", {"Host": "evil.example", "Origin": "http://evil.example"}),
        ("DELETE", "/photos/cat", {"Host": "evil.example:80"}),
        ("DELETE", "/photos/cat", {"Host": "127.0.0.1.evil.example"}),
        ("DELETE", "/photos/cat", {"Host": "localhost@evil.example"}),
        ("GET", "/photos?delete", {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Dest": "image"}),
        ("GET", "/?Action=DeleteTopic", {"Sec_Fetch_Site": "same-site"}),
        ("POST", "/", {"Content_Type": "application/x-www-form-urlencoded", "Origin": "http://localhost:1"}),
        ("GET", "/", {"Origin": "http://evil.example", "Upgrade": "websocket", "Connection": "Upgrade"}),
        ("GET", "http://evil.example/", {}),
        ("POST", "/moto-api/reset", {"Origin": "http://evil.example"}),
    ],
)
def test_web_pages_and_foreign_hosts_are_refused_whatever_they_know(
    here: Endpoint, method: str, path: str, headers: dict[str, str], knows: bool
) -> None:
    given = {"X_Amz_Security_Token": here.session_token} if knows else {}
    status, said = raw(here, method, path, b'{"a": 1}', **headers, **given)
    assert status == 403
    assert b"is not this engine" in said or b"web pages are not served" in said
    s3 = client(here, "s3", here.session_token)
    assert s3.get_object(Bucket="photos", Key="cat")["Body"].read() == b"meow"


@pytest.mark.parametrize(
    "name", ["reset", "faults", "sleep", "doors", "clock", "invocations", "stack-answer"]
)
def test_control_requests_want_the_secret_also_when_everybody_is_served(
    engine: MotoEngine, here: Endpoint, name: str
) -> None:
    engine.admit(anybody=True, origins=())
    for method in ("GET", "POST", "PUT"):
        assert raw(here, method, f"/_harness/{name}", b"{}")[0] == 403
        assert raw(here, method, f"/_harness/{name}", b"{}", X_Harness_Secret="wrong")[0] == 403
    assert client(here, "s3", None).list_buckets()["Buckets"]


def test_a_bucket_in_the_host_and_a_tunnel_are_known_hosts(here: Endpoint) -> None:
    token = {"X_Amz_Security_Token": here.session_token}
    for host in ("localhost", "127.0.0.1:1", "[::1]:4566", "photos.localhost:4566"):
        assert raw(here, "GET", "/", Host=host, **token)[0] == 200


def test_a_page_of_a_named_origin_is_answered(engine: MotoEngine, here: Endpoint) -> None:
    origin = "http://localhost:3000"
    engine.admit(anybody=False, origins=[origin])
    asked = {"Origin": origin, "Access-Control-Request-Method": "PUT"}
    asked["Access-Control-Request-Headers"] = "authorization,x-amz-security-token"
    preflight = urllib3.request("OPTIONS", f"{here.url}/photos/new", headers=asked)
    assert preflight.status == 204
    assert preflight.headers["Access-Control-Allow-Origin"] == origin
    assert preflight.headers["Access-Control-Allow-Headers"] == "authorization,x-amz-security-token"
    sent = {"Origin": origin, "Sec-Fetch-Site": "cross-site", "X-Amz-Security-Token": here.session_token}
    assert urllib3.request("GET", here.url, headers=sent).headers["Access-Control-Allow-Origin"] == origin
    refused = urllib3.request("GET", here.url, headers={"Origin": origin})
    assert (refused.status, refused.headers["Access-Control-Allow-Origin"]) == (403, origin)
    assert raw(here, "GET", "/", Origin="http://localhost:3001")[0] == 403


def test_what_is_refused_is_not_read(here: Endpoint) -> None:
    parts = urlsplit(here.url)
    with socket.create_connection((str(parts.hostname), parts.port or 0), timeout=20) as peer:
        peer.sendall(
            f"PUT /photos/x HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Length: {10**12}\r\n\r\n".encode()
        )
        assert b"AccessDenied" in peer.recv(4096)


def test_a_large_request_that_is_refused_gets_its_answer(here: Endpoint) -> None:
    send = client(here, "sns", "wrong").publish
    arn = "arn:aws:sns:us-east-1:123456789012:t"
    assert error_of(lambda: send(TopicArn=arn, Message="m" * 3_000_000))[0] == "InvalidClientTokenId"


def as_nobody(endpoint: Endpoint, calls: list[Callable[[], object]], said: Any) -> None:
    """Make calls as the user `nobody`, and return the responses."""
    nobody = pwd.getpwnam("nobody")
    os.setgroups([])
    os.setgid(nobody.pw_gid)
    os.setuid(nobody.pw_uid)
    answers: list[object] = []
    for call in calls:
        try:
            call()
            answers.append("served")
        except ClientError as error:
            answers.append(error.response["Error"]["Code"])
    answers += [raw(endpoint, "POST", path)[0] for path in ("/_harness/reset", "/moto-api/reset")]
    said.put(answers)


def tries(endpoint: Endpoint, token: str | None, archive: bytes) -> list[Callable[[], object]]:
    """Return calls that would run code. The clients are created first because the user `nobody` cannot read
    them.
    """
    functions, iam = client(endpoint, "lambda", token), client(endpoint, "iam", token)
    made = {"FunctionName": "f", "Role": "arn:aws:iam::123456789012:role/r", "Handler": "app.handler"}
    return [
        lambda: iam.create_role(RoleName="r", AssumeRolePolicyDocument="{}"),
        lambda: functions.create_function(**made, Runtime="python3.11", Code={"ZipFile": archive}),
        lambda: functions.invoke(FunctionName="f"),
    ]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_another_user_runs_no_code_and_changes_nothing(here: Endpoint, tmp_path_factory: Any) -> None:
    mark = str(tmp_path_factory.getbasetemp() / "run-by-nobody")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("app.py", CODE.format(mark=mark))
    stranger = Endpoint(here.url)
    calls = [call for t in (None, "test", "token") for call in tries(stranger, t, packed.getvalue())]
    processes = multiprocessing.get_context("fork")
    said = processes.Queue()
    process = processes.Process(target=as_nobody, args=(stranger, calls, said))
    process.start()
    answers = said.get(timeout=60)
    process.join()
    refused = ["InvalidClientTokenId", "UnrecognizedClientException", "UnrecognizedClientException"]
    assert answers == [*refused * 3, 403, 403]
    assert not os.path.exists(mark)
    assert client(here, "lambda", here.session_token).list_functions()["Functions"] == []
    assert client(here, "s3", here.session_token).head_object(Bucket="photos", Key="cat")


def test_neither_a_command_line_nor_text_shows_the_token(engine: MotoEngine, here: Endpoint) -> None:
    with open(f"/proc/{engine._child.pid}/cmdline") as line:
        assert here.session_token not in line.read()
    assert here.session_token not in repr(here)
    assert here.session_token not in json.dumps([engine._child.last_log(), engine.label])
