"""HTTP Tasks (`http:invoke`), which get their responses from a scenario's hosts.

A connection's token is requested when it is first needed, when it has expired, and again after a host
responds with 401 or 407. https://docs.aws.amazon.com/step-functions/latest/dg/call-https-apis.html
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Final

from harness.functions.host.host_book import Asker, HostBook
from harness.functions.host.http_reading import phrase
from harness.functions.shared.hosts import HostEntry, HttpRequest, joined
from harness.json_types import Json
from harness.quotas import STATES_HTTP_TASK_S, STATES_PAYLOAD_BYTES
from harness.states import Outcome, TaskFailed, TaskRequest, TaskSucceeded
from harness.states.run.service_results import http_date
from harness.states.time.work import DEFAULT_DURATION_S
from harness.stepfunctions.connections import Connection, Token, token_in
from harness.stepfunctions.http_errors import SOCKET, of_status
from harness.stepfunctions.http_request import HttpParameters, Unusable

Find = Callable[[str], Connection | None]
"""Returns the connection with this ARN, or None."""
_NOT_READ: Final = ("application/octet-stream", "image/", "video/", "audio/")
_NO_CONNECTION: Final = "Events.ConnectionResource"
_REASONS: Final = {
    "timeout": f"the request timed out after {STATES_HTTP_TASK_S:g} seconds",
    "refused": "Connection refused",
    "reset": "Connection reset",
    "tls": "PKIX path building failed: unable to find valid certification path to requested target",
}


class _Ended(Exception):
    """The task has failed."""

    def __init__(self, error: str, cause: str) -> None:
        super().__init__(cause)
        self.outcome = TaskFailed(error, cause)


class HttpTasks:
    """A simulation's HTTP Tasks, and the tokens for its connections."""

    def __init__(self, book: HostBook, find: Find) -> None:
        self.book = book
        self._find = find
        self._tokens: dict[str, Token] = {}

    def perform(self, request: TaskRequest, now_s: float) -> tuple[Outcome, float]:
        """Run a task that starts now. Return its outcome and its duration."""
        attempt = _Attempt(self.book, self._tokens, request, now_s)
        try:
            parameters = HttpParameters.of(request.parameters)
            outcome = attempt.outcome(parameters, self._connection(parameters.connection))
        except Unusable as error:
            cause = f"The Parameters '{_short(request.parameters)}' could not be used: {error}"
            outcome = TaskFailed("States.Runtime", cause)
        except _Ended as ended:
            outcome = ended.outcome
        return outcome, attempt.taken_s

    def _connection(self, arn: str) -> Connection:
        found = self._find(arn)
        if found is None:
            cause = f"the connection {arn} does not exist: {_DECLARE}"
            raise _Ended(f"{_NO_CONNECTION}.ResourceNotFound", cause)
        return found


_DECLARE: Final = "declare it in the template, or add a stand-in for the state under `tasks`"


class _Attempt:
    """One attempt at a task. `taken_s` is the total time that its requests have taken so far."""

    def __init__(self, book: HostBook, tokens: dict[str, Token], request: TaskRequest, now_s: float) -> None:
        self._book = book
        self._tokens = tokens
        self._region = request.execution_arn.split(":")[3]
        self._asker = Asker(request.lane, request.state_name, request.execution_arn)
        self._now_s = now_s
        self.taken_s = 0.0

    def outcome(self, parameters: HttpParameters, connection: Connection) -> Outcome:
        """Send the request. If the token is rejected, send it again with a new token."""
        entry = self._sent(parameters, connection)
        if connection.wants_token and entry.status in (401, 407):
            self._tokens.pop(connection.arn, None)
            entry = self._sent(parameters, connection)
        return _outcome(entry, self._now_s + self.taken_s)

    def _sent(self, parameters: HttpParameters, connection: Connection) -> HostEntry:
        token = self._token(connection) if connection.wants_token else ""
        request = parameters.request(connection, self._region, token)
        return self._ask(request, connection.secrets(token))

    def _token(self, connection: Connection) -> str:
        known = self._tokens.get(connection.arn)
        if known is None or known.until_s <= self._now_s + self.taken_s:
            entry = self._ask(connection.token_request(), connection.secrets())
            known = token_in(entry, self._now_s + self.taken_s)
            if known is None:
                cause = (
                    "the connection is not AUTHORIZED: its authorization endpoint returned no access_token"
                )
                raise _Ended(f"{_NO_CONNECTION}.InvalidConnectionState", cause)
            self._tokens[connection.arn] = known
        return known.text

    def _ask(self, request: HttpRequest, secrets: Sequence[str]) -> HostEntry:
        at_s = self._now_s + self.taken_s
        entry = self._book.refuses(request.host, self._asker)
        if entry is None:
            entry = self._book.choose(request, self._asker)
            self._book.record(request, self._asker, entry, at_s, secrets)
        if entry is None:
            said = f"no entry in hosts matches {request.method} {request.host}{request.path}"
            raise _Ended("States.Runtime", f"{said}: it is not served here")
        self.taken_s += DEFAULT_DURATION_S if entry.after_s is None else entry.after_s
        error = entry.error
        if error == "timeout" or (entry.after_s or 0.0) > STATES_HTTP_TASK_S:
            self.taken_s, error = at_s + STATES_HTTP_TASK_S - self._now_s, "timeout"
        if error:
            raise _Ended(SOCKET, f"{request.method} {request.host}: {_REASONS[error]}")
        return entry


def _outcome(entry: HostEntry, now_s: float) -> Outcome:
    headers = joined((name.lower(), value) for name, value in entry.headers)
    kind = headers.get("content-type", "").lower()
    if kind.startswith(_NOT_READ):
        cause = f"the content type {kind} of the response is not supported by HTTP Tasks"
        return TaskFailed("States.Runtime", cause)
    if not 200 <= entry.status < 300:
        return of_status(entry.status, entry.body)
    if len(entry.body.encode()) > STATES_PAYLOAD_BYTES:
        cause = "The response of the HTTP endpoint exceeds the maximum number of bytes service limit."
        return TaskFailed("States.DataLimitExceeded", cause)
    shown: dict[str, Json] = {"date": [http_date(now_s)], "content-length": [str(len(entry.body.encode()))]}
    for name, value in entry.headers:
        before = shown.get(name.lower()) if name.lower() in headers and name.lower() not in _OWN else None
        shown[name.lower()] = [*(before if isinstance(before, list) else []), value]
    return TaskSucceeded(
        {
            "Headers": shown,
            "ResponseBody": _read(entry.body, kind),
            "StatusCode": entry.status,
            "StatusText": phrase(entry.status),
        }
    )


_OWN: Final = ("date", "content-length")


def _read(body: str, kind: str) -> Json:
    media = kind.partition(";")[0].strip()
    if media == "application/json" or media.endswith("+json"):
        try:
            read: Json = json.loads(body)
        except (ValueError, RecursionError):
            return body
        return read
    return body


def _short(value: Json) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 200 else f"{text[:200]}…"
