"""HTTP Tasks send what AWS sends, and end as on AWS; the hosts of a scenario answer them."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from tasks_support import Bench, task

from harness.functions.host.host_book import HostBook
from harness.functions.shared.hosts import HostEntry, SeenRequest
from harness.functions.shared.model import Fault
from harness.json_types import JsonObject
from harness.stepfunctions.connections import Connection
from harness.stepfunctions.http_task import HttpTasks
from harness.stepfunctions.task_time import TaskDuration, TaskDurations

ARN = "arn:aws:events:eu-west-1:123456789012:connection/shop/1a2b"
HTTP = "arn:aws:states:::http:invoke"
API = "https://api.example.com/v1/charges?live=1"
BASIC: JsonObject = {"BasicAuthParameters": {"Username": "ann", "Password": "secret-1"}}
OAUTH: JsonObject = {
    "OAuthParameters": {
        "AuthorizationEndpoint": "https://login.example.com/token?v=2",
        "HttpMethod": "POST",
        "ClientParameters": {"ClientID": "shop", "ClientSecret": "secret-1"},
        "OAuthHttpParameters": {"BodyParameters": [{"Key": "audience", "Value": "pay"}]},
    }
}
TYPES = {"ApiKey": "API_KEY", "Basic": "BASIC", "O": "OAUTH_CLIENT_CREDENTIALS"}
JSON = (("Content-Type", "application/json"),)


def entries(*given: dict[str, Any]) -> list[HostEntry]:
    return [HostEntry(n, **{"host": "api.example.com", **fields}) for n, fields in enumerate(given)]


def prepared(
    bench: Bench, *given: dict[str, Any], auth: JsonObject = BASIC, added: JsonObject | None = None
) -> HostBook:
    """Hosts, and a connection that is authorised so."""
    kind = next(iter(auth)).removesuffix("Parameters").removesuffix("Auth")
    connection = Connection(ARN, TYPES[kind], {**auth, "InvocationHttpParameters": added or {}})
    book = HostBook(entries(*given))
    bench.tasks.http = HttpTasks(book, lambda arn: connection if arn == ARN else None)
    return book


def invoke(bench: Bench, fields: dict[str, Any] | None = None, **parameters: Any) -> dict[str, Any]:
    given = {
        "ApiEndpoint": API,
        "Method": "POST",
        "Authentication": {"ConnectionArn": ARN},
        **parameters,
    }
    return bench.play(task(HTTP, Parameters=given, **(fields or {})))


def ended(shown: dict[str, Any]) -> tuple[str, str]:
    return shown["error"], shown["cause"]


def took_s(shown: dict[str, Any]) -> float:
    return round(shown["stopDate"] - shown["startDate"], 3)


def test_the_result_has_what_was_answered(bench: Bench) -> None:
    prepared(bench, {"status": 201, "headers": (*JSON, ("X-A", "1"), ("x-a", "2")), "body": '{"id": 7}'})
    shown = invoke(bench, RequestBody={"amount": 1})
    result = json.loads(shown["output"])
    assert result.pop("Headers") == {
        "date": ["Wed, 01 Jan 2025 00:00:00 GMT"],
        "content-length": ["9"],
        "content-type": ["application/json"],
        "x-a": ["1", "2"],
    }
    assert result == {"ResponseBody": {"id": 7}, "StatusCode": 201, "StatusText": "Created"}
    assert took_s(shown) == 0.1


@pytest.mark.parametrize(
    ("entry", "error", "cause"),
    [
        ({"status": 404, "body": "nobody"}, "States.Http.StatusCode.404", "nobody"),
        ({"status": 503}, "States.Http.StatusCode.503", "Service Unavailable"),
        ({"error": "refused"}, "States.Http.Socket", "POST api.example.com: Connection refused"),
        ({"error": "reset"}, "States.Http.Socket", "POST api.example.com: Connection reset"),
        (
            {"body": "x", "headers": (("Content-Type", "image/png"),)},
            "States.Runtime",
            "the content type image/png of the response is not supported by HTTP Tasks",
        ),
        (
            {"body": "x" * 262_145},
            "States.DataLimitExceeded",
            "The response of the HTTP endpoint exceeds the maximum number of bytes service limit.",
        ),
    ],
)
def test_it_fails_as_on_aws(bench: Bench, entry: dict[str, Any], error: str, cause: str) -> None:
    prepared(bench, entry)
    assert ended(invoke(bench)) == (error, cause)


@pytest.mark.parametrize("entry", [{"error": "timeout"}, {"after_s": 61.0}])
def test_a_host_has_a_minute(bench: Bench, entry: dict[str, Any]) -> None:
    prepared(bench, entry)
    shown = invoke(bench)
    assert ended(shown)[0] == "States.Http.Socket"
    assert took_s(shown) == 60


def test_a_task_may_have_less_time(bench: Bench) -> None:
    prepared(bench, {"after_s": 30.0})
    shown = invoke(bench, {"TimeoutSeconds": 5})
    assert (shown["error"], took_s(shown)) == ("States.Timeout", 5)


def test_retries_are_counted(bench: Bench) -> None:
    prepared(bench, {"status": 503, "last": 2}, {"body": "ok"})
    retry = {"ErrorEquals": ["States.Http.StatusCode.503"], "IntervalSeconds": 4, "BackoffRate": 1}
    shown = invoke(bench, {"Retry": [retry]})
    assert json.loads(shown["output"])["ResponseBody"] == "ok"
    assert took_s(shown) == 8.3


def sent(book: HostBook) -> SeenRequest:
    (seen,) = book.seen()
    return seen


def test_the_request_is_that_of_step_functions(bench: Bench) -> None:
    book = prepared(bench, {})
    invoke(bench, RequestBody={"a": [1, "ü"]}, QueryParameters={"q": ["x y", 2]}, Headers={"X-A": ["1", 2]})
    seen = sent(book)
    assert (seen.method, seen.target, seen.body) == (
        "POST",
        "/v1/charges?live=1&q=x%20y&q=2",
        '{"a":[1,"ü"]}',
    )
    assert seen.headers == {
        "host": "api.example.com",
        "content-type": "application/json; charset=UTF-8",
        "x-a": "1,2",
        "user-agent": "Amazon|StepFunctions|HttpInvoke|eu-west-1",
        "range": "bytes=0-262144",
        "authorization": "Basic ***",
    }


def test_a_connections_parameters_come_before_the_tasks(bench: Bench) -> None:
    added: JsonObject = {
        "HeaderParameters": [{"Key": "X-A", "Value": "theirs"}],
        "QueryStringParameters": [{"Key": "live", "Value": "2", "IsValueSecret": False}],
        "BodyParameters": [{"Key": "a", "Value": "secret-2", "IsValueSecret": True}],
    }
    book = prepared(bench, {}, added=added)
    invoke(bench, RequestBody={"a": 1, "b": 2}, Headers={"x-a": "own"})
    assert sent(book).headers["x-a"] == "theirs"
    assert sent(book).target == "/v1/charges?live=2"
    assert sent(book).body == '{"a":"***","b":2}'
    shown = Bench()
    prepared(shown, {}, added=added)
    assert "the RequestBody is a string" in ended(invoke(shown, RequestBody="text"))[1]


@pytest.mark.parametrize(
    ("transform", "body"),
    [
        ({}, "a%5B0%5D=1&a%5B1%5D=2&m%5Bk%5D=x+y"),
        ({"ArrayFormat": "INDICES"}, "a%5B0%5D=1&a%5B1%5D=2&m%5Bk%5D=x+y"),
        ({"ArrayFormat": "BRACKETS"}, "a%5B%5D=1&a%5B%5D=2&m%5Bk%5D=x+y"),
        ({"ArrayFormat": "REPEAT"}, "a=1&a=2&m%5Bk%5D=x+y"),
        ({"ArrayFormat": "COMMAS"}, "a=1%2C2&m%5Bk%5D=x+y"),
    ],
)
def test_a_body_may_be_a_form(bench: Bench, transform: dict[str, str], body: str) -> None:
    book = prepared(bench, {})
    given = {"RequestBodyEncoding": "URL_ENCODED", "RequestEncodingOptions": transform}
    invoke(bench, RequestBody={"a": [1, 2], "m": {"k": "x y"}}, Transform=given)
    assert sent(book).body == body


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({"ApiEndpoint": "http://api.example.com"}, "ApiEndpoint must be the URL of an HTTPS API"),
        ({"Method": "TRACE"}, "Method must be one of GET, POST"),
        ({"Authentication": {}}, "an HTTP Task requires the ConnectionArn"),
        ({"Headers": {"Authorization": "x"}}, "the header Authorization is not allowed"),
        ({"Headers": {"X-Amz-Date": "x"}}, "the header X-Amz-Date is not allowed"),
        ({"Transform": {"RequestBodyEncoding": "ZIP"}}, "RequestBodyEncoding must be NONE or URL_ENCODED"),
    ],
)
def test_parameters_that_aws_refuses(bench: Bench, parameters: dict[str, Any], said: str) -> None:
    book = prepared(bench, {})
    error, cause = ended(invoke(bench, **parameters))
    assert error == "States.Runtime"
    assert said in cause
    assert not book.seen()


def test_a_connection_that_is_not_there(bench: Bench) -> None:
    prepared(bench, {})
    error, cause = ended(invoke(bench, Authentication={"ConnectionArn": f"{ARN}x"}))
    assert error == "Events.ConnectionResource.ResourceNotFound"
    assert cause.startswith(f"the connection {ARN}x does not exist")


def test_an_api_key_is_a_header(bench: Bench) -> None:
    auth: JsonObject = {"ApiKeyAuthParameters": {"ApiKeyName": "X-Key", "ApiKeyValue": "secret-1"}}
    book = prepared(bench, {"sent": {"x-key": {"equals": "secret-1"}}}, auth=auth)
    assert invoke(bench)["status"] == "SUCCEEDED"
    assert sent(book).headers["x-key"] == "***"


TOKEN = {"host": "login.example.com", "headers": JSON, "body": '{"access_token": "t-1"}', "last": 1}


def test_a_token_is_asked_for_and_used(bench: Bench) -> None:
    basic = base64.b64encode(b"shop:secret-1").decode()
    asked = {**TOKEN, "sent": {"authorization": {"equals": f"Basic {basic}"}}, "method": "POST"}
    book = prepared(bench, asked, {"sent": {"authorization": {"equals": "Bearer t-1"}}}, auth=OAUTH)
    shown = invoke(bench)
    assert shown["status"] == "SUCCEEDED"
    assert took_s(shown) == 0.2
    token, request = book.seen()
    assert (token.host, token.target) == ("login.example.com", "/token?v=2")
    assert token.body == "grant_type=client_credentials&audience=pay"
    assert request.headers["authorization"] == "Bearer ***"
    assert "secret" not in repr(book.seen())
    assert basic not in repr(book.seen())


def test_a_token_that_is_not_taken_is_asked_for_again(bench: Bench) -> None:
    other = {**TOKEN, "first": 2, "last": 2, "body": '{"access_token": "t-2"}'}
    taken = {"sent": {"authorization": {"equals": "Bearer t-2"}}}
    book = prepared(bench, TOKEN, other, taken, {"status": 401}, auth=OAUTH)
    assert invoke(bench)["status"] == "SUCCEEDED"
    assert [each.host.partition(".")[0] for each in book.seen()] == ["login", "api", "login", "api"]


def test_a_token_is_kept_until_it_expires(bench: Bench) -> None:
    short = {"host": "login.example.com", "body": '{"access_token": "t", "expires_in": 10}'}
    book = prepared(bench, short, {"status": 503, "last": 2}, {}, auth=OAUTH)
    retry = {"ErrorEquals": ["States.ALL"], "IntervalSeconds": 6, "BackoffRate": 1}
    assert invoke(bench, {"Retry": [retry]})["status"] == "SUCCEEDED"
    assert [each.host.partition(".")[0] for each in book.seen()] == ["login", "api", "api", "login", "api"]


def test_a_host_that_gives_no_token(bench: Bench) -> None:
    prepared(bench, {**TOKEN, "status": 400}, auth=OAUTH)
    assert ended(invoke(bench))[0] == "Events.ConnectionResource.InvalidConnectionState"


def test_a_request_that_no_entry_answers(bench: Bench) -> None:
    book = prepared(bench, {"method": "GET"})
    error, cause = ended(invoke(bench, {"Catch": [{"ErrorEquals": ["States.ALL"], "Next": "T"}]}))
    assert error == "States.Runtime"
    assert cause == "no entry in hosts matches POST api.example.com/v1/charges: it is not served here"
    assert sent(book).entry is None


def test_without_hosts_it_is_not_served(bench: Bench) -> None:
    assert ended(invoke(bench)) == ("States.Runtime", f"{HTTP} is not served here")


@pytest.mark.parametrize(
    ("kind", "arguments", "error", "asked"),
    [
        ("error", {"error": "503"}, "States.Http.StatusCode.503", 0),
        ("cut", {"cut": "before"}, "States.Http.Socket", 0),
        ("cut", {"cut": "after"}, "States.Http.Socket", 1),
    ],
)
def test_faults_happen_to_it(
    bench: Bench, kind: str, arguments: dict[str, str], error: str, asked: int
) -> None:
    book = prepared(bench, {})
    bench.faults.set([Fault(kind, "task", "http", "Invoke", arguments=arguments)])
    assert ended(invoke(bench))[0] == error
    assert len(book.seen()) == asked


def test_its_time_may_be_given(bench: Bench) -> None:
    prepared(bench, {"after_s": 3.0})
    bench.tasks.durations = TaskDurations([TaskDuration(7.0, task="http:invoke")])
    assert took_s(invoke(bench)) == 7
