"""Hosts that a scenario replaces: their responses, and the requests that they received."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypedDict
from urllib.parse import parse_qsl, urlsplit

from .matching import is_like, matches

Failure = Literal["", "timeout", "refused", "reset", "tls"]
"""Failures of a host: no response, no connection, a closed connection, an untrusted certificate."""
OF_CONNECTIONS: Final = ("refused", "tls")
"""The failures that occur before a request."""
JSON_TYPE, TEXT_TYPE = "application/json", "text/plain; charset=utf-8"


class HostAsked(TypedDict):
    """A query about an invocation's connection: a `connect` to a host, or the response on a connection.

    `after` lists the invocation's earlier calls that take time on the clock. With `wait`, the reply is sent
    when the request is complete; with `release`, the time of the response has come.
    """

    request_id: str
    connect: str
    connection: str
    wait: bool
    release: bool
    after: list[str]


class HostAnswered(TypedDict):
    """The outcome of a connection: not known yet, or a response in `after_s` seconds (None: never).

    `error` is the failure of a requested connection.
    """

    known: bool
    after_s: float | None
    error: Failure


class HostSetting(TypedDict):
    """The information about hosts that a function's environment needs.

    Connections to `names` are sent to `port` on this machine, which serves clients that know `token`. Its
    certificates are issued by the CA `ca`, in PEM format. An environment requests the outcome of a connection
    at `url`. For the hosts in `refusing`, it does so before it connects.
    """

    names: list[str]
    refusing: list[str]
    port: int
    token: str
    ca: str
    url: str


@dataclass(frozen=True)
class HttpRequest:
    """A request to a host; the names in `headers` are in lower case."""

    host: str
    method: str
    target: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""

    @property
    def path(self) -> str:
        """Return the path without the query."""
        return urlsplit(self.target).path or "/"

    @property
    def query(self) -> Mapping[str, str]:
        """Return the query parameters; repeated parameters are joined with commas."""
        return joined(parse_qsl(urlsplit(self.target).query, keep_blank_values=True))

    def content(self) -> object:
        """Return the body as JSON, a form's fields as an object, or any other body as text."""
        kind = self.headers.get("content-type", "")
        if kind.startswith("application/x-www-form-urlencoded"):
            return dict(joined(parse_qsl(self.body, keep_blank_values=True)))
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return self.body


@dataclass(frozen=True)
class HostEntry:
    """A response, and the requests that receive it. `number` is its position in the scenario's entries.

    `path`, `query` and `headers` contain the matchers from a scenario file; `when` contains members of the
    body. The entry responds to matching requests number `first` to `last`, counted from 1 in each lane.
    """

    number: int
    host: str
    method: str = ""
    path: Mapping[str, Any] | None = None
    query: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    sent: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    when: Any = None
    state: str = ""
    first: int = 1
    last: int | None = None
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    body: str = ""
    error: Failure = ""
    after_s: float | None = None

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> HostEntry:
        """Read an entry from the result of `dataclasses.asdict`."""
        return cls(**{**fields, "headers": tuple((name, value) for name, value in fields["headers"])})

    @property
    def is_of_connections(self) -> bool:
        """Return whether the entry takes effect before a request is sent."""
        return self.error in OF_CONNECTIONS

    def fits(self, request: HttpRequest, state: str) -> bool:
        """Return whether the entry matches a request sent in a state."""
        return (
            self.host == request.host
            and self.method in ("", request.method)
            and self.state in ("", state)
            and (self.path is None or is_like(self.path, request.path))
            and all(is_like(wanted, request.query.get(name)) for name, wanted in self.query.items())
            and all(is_like(wanted, request.headers.get(name)) for name, wanted in self.sent.items())
            and (self.when is None or matches(self.when, request.content()))
        )


@dataclass(frozen=True)
class SeenRequest:
    """A request that a host received; connection secrets are masked.

    `at_s` is its time on the clock. `entry` is the number of the entry that responded, or None. `caller` is
    the function that sent it, or "" for the state machine itself.
    """

    host: str
    method: str
    target: str
    headers: Mapping[str, str]
    body: str
    at_s: float
    entry: int | None
    status: int
    error: str = ""
    state: str = ""
    caller: str = ""
    execution_arn: str = ""

    @property
    def request(self) -> HttpRequest:
        """Return the request itself."""
        return HttpRequest(self.host, self.method, self.target, self.headers, self.body)


def joined(pairs: Iterable[tuple[str, str]]) -> Mapping[str, str]:
    """Return values by name; multiple values for a name are joined with commas.

    >>> joined([("a", "1"), ("b", "2"), ("a", "3")])
    {'a': '1,3', 'b': '2'}
    """
    found: dict[str, str] = {}
    for name, value in pairs:
        found[name] = f"{found[name]},{value}" if name in found else value
    return found


def plain_name(host: str) -> str:
    """Normalize a host name: lower case, no trailing dot."""
    return host.rstrip(".").lower()
