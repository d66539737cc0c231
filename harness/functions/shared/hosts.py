"""Hosts that a scenario stands in for: what answers requests to them, and the requests that they got."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypedDict
from urllib.parse import parse_qsl, urlsplit

from .matching import is_like, matches

Failure = Literal["", "timeout", "refused", "reset", "tls"]
"""The ways in which a host does not answer: never, no connection, a closed one, an unknown certificate."""
OF_CONNECTIONS: Final = ("refused", "tls")
"""Those that happen before there is a request."""
JSON_TYPE, TEXT_TYPE = "application/json", "text/plain; charset=utf-8"


class HostAsked(TypedDict):
    """A question about a connection of an invocation: to `connect` to a host, or what comes over it.

    `after` are the invocation's calls that were made before and last on the clock. With `wait` the answer
    comes when the request is there; with `release` its time has come.
    """

    request_id: str
    connect: str
    connection: str
    wait: bool
    release: bool
    after: list[str]


class HostAnswered(TypedDict):
    """The end of a connection: nothing is known yet, or an answer comes `after_s`; None: never.

    `error` is that of a connection that is not made as it is asked for.
    """

    known: bool
    after_s: float | None
    error: Failure


class HostSetting(TypedDict):
    """The facts about hosts that a function's environment needs.

    `names` are those that lead to `port` of this machine, where whoever knows `token` is answered, with
    certificates of the CA `ca`, in PEM. `url` is where an environment asks for what becomes of a connection;
    before it makes one it does so for the hosts in `refusing`.
    """

    names: list[str]
    refusing: list[str]
    port: int
    token: str
    ca: str
    url: str


@dataclass(frozen=True)
class HttpRequest:
    """A request as a host gets it; the names of `headers` are in lower case."""

    host: str
    method: str
    target: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""

    @property
    def path(self) -> str:
        """The path, without the query."""
        return urlsplit(self.target).path or "/"

    @property
    def query(self) -> Mapping[str, str]:
        """The parameters of the query; of one that is there several times the values, with commas."""
        return joined(parse_qsl(urlsplit(self.target).query, keep_blank_values=True))

    def content(self) -> object:
        """The body as JSON, or the fields of a form as an object; the text of any other."""
        kind = self.headers.get("content-type", "")
        if kind.startswith("application/x-www-form-urlencoded"):
            return dict(joined(parse_qsl(self.body, keep_blank_values=True)))
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return self.body


@dataclass(frozen=True)
class HostEntry:
    """An answer, and the requests that get it: `number` is its place among all entries of the scenario.

    `path`, `query` and `headers` have matchers as a scenario file has them; `when` are members of the body.
    It answers the `first` to the `last` of the requests that fit, counted from 1 in each lane.
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
        """Read one from what `dataclasses.asdict` made of it."""
        return cls(**{**fields, "headers": tuple((name, value) for name, value in fields["headers"])})

    @property
    def is_of_connections(self) -> bool:
        """Tell whether it happens before there is a request."""
        return self.error in OF_CONNECTIONS

    def fits(self, request: HttpRequest, state: str) -> bool:
        """Tell whether it is for a request that is made in a state."""
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
    """A request that a host got: secrets of connections are masked.

    `at_s` is its time on the clock, `entry` the number of what answered it; None when nothing did. `caller`
    is the function that made it, "" for the machine itself.
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
        """The request itself."""
        return HttpRequest(self.host, self.method, self.target, self.headers, self.body)


def joined(pairs: Iterable[tuple[str, str]]) -> Mapping[str, str]:
    """Values by name; several of one name are one, with commas.

    >>> joined([("a", "1"), ("b", "2"), ("a", "3")])
    {'a': '1,3', 'b': '2'}
    """
    found: dict[str, str] = {}
    for name, value in pairs:
        found[name] = f"{found[name]},{value}" if name in found else value
    return found


def plain_name(host: str) -> str:
    """Give the name of a host in one spelling: lower case, no final dot."""
    return host.rstrip(".").lower()
