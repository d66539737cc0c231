"""Stand-ins for hosts: responses to HTTP requests from state machines and functions."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from harness.functions.shared.hosts import JSON_TYPE, TEXT_TYPE, HostEntry, plain_name
from harness.scenario.base import FIRST, FROM, NTH, Model, Positive, Seconds, which
from harness.scenario.matcher import Matcher
from harness.scenario.position import RefusedError

_HOST = re.compile(r"(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,62})(\.[a-z0-9_]([a-z0-9_-]{0,62}))+")
_METHOD = re.compile(r"[A-Z]{3,16}")
_AWS = (".amazonaws.com", ".amazonaws.com.cn", ".api.aws")
ERRORS = ("timeout", "refused", "reset", "tls")
ANSWERS = ("json", "body", "error")
"""Keys that define the response. At most one of them is allowed."""
Error = Literal["timeout", "refused", "reset", "tls"]


def _host(text: str) -> str:
    name = plain_name(text)
    if not _HOST.fullmatch(name) or name.rpartition(".")[2].isdigit():
        raise RefusedError(
            f"{text!r} is not a host name",
            "write it without https:// and without a port, for example api.example.com",
        )
    if name.endswith(_AWS):
        raise RefusedError(
            f"{text} is an AWS endpoint", "use `tasks` or `calls`, which define responses from AWS services"
        )
    return name


def _method(text: str) -> str:
    if not _METHOD.fullmatch(text):
        raise RefusedError(f"{text!r} is not an HTTP method", "write it in capitals: GET, POST, PUT, ...")
    return text


HostName = Annotated[str, AfterValidator(_host)]


class HostSpec(Model):
    """A host's response, and the requests that receive it. The first matching entry applies."""

    method: Annotated[str, AfterValidator(_method)] = Field(
        default="", description="Only requests with this method: `POST`."
    )
    path: Matcher | None = Field(default=None, description="Only requests with a matching path: `/orders`.")
    query: Mapping[str, Matcher] = Field(
        default={}, description="Only requests with matching query parameters, by name."
    )
    sent: Mapping[str, Matcher] = Field(
        default={}, description="Only requests with matching headers, by name."
    )
    when: Any = Field(
        default=None,
        description="Only requests whose JSON or form body contains at least these members.",
    )
    state: str = Field(
        default="", description="Only requests from this state and from functions that it invokes."
    )
    nth: Positive | None = NTH
    first: Positive | None = FIRST
    from_: Positive | None = FROM
    status: Annotated[int, Field(strict=True, ge=200, le=599)] = Field(
        default=200, description="The status code of the response."
    )
    headers: Mapping[str, str | tuple[str, ...]] = Field(
        default={}, description="Response headers, in addition to the body's content type and length."
    )
    json_value: Any = Field(default=None, alias="json", description="The response body, as JSON.")
    body: str = Field(default="", description="The response body, as text.")
    error: Error | None = Field(
        default=None,
        description="Instead of a response: `timeout` never responds, `refused` refuses the connection, "
        "`reset` resets it, and `tls` presents an untrusted certificate.",
    )
    after_s: Seconds | None = Field(
        default=None,
        alias="after",
        description="Response time on the virtual clock. Default: 100 ms for a task, none for a function.",
    )

    @property
    def which(self) -> tuple[int, int | None]:
        """The first and the last match, counted from 1. None: no limit."""
        return which(self.nth, self.first, self.from_)


def host_entries(hosts: Mapping[str, Sequence[HostSpec]]) -> Sequence[HostEntry]:
    """Return numbered entries for all hosts, in the engine's format."""
    found: list[HostEntry] = []
    for host, specs in hosts.items():
        found += [_entry(len(found) + n, host, spec) for n, spec in enumerate(specs)]
    return found


def _entry(number: int, host: str, spec: HostSpec) -> HostEntry:
    first, last = spec.which
    is_json = "json_value" in spec.model_fields_set
    body = json.dumps(spec.json_value, ensure_ascii=False) if is_json else spec.body
    headers = [
        (name, each)
        for name, value in spec.headers.items()
        for each in ((value,) if isinstance(value, str) else value)
    ]
    if body and "content-type" not in {name.lower() for name, _ in headers}:
        headers.append(("Content-Type", JSON_TYPE if is_json else TEXT_TYPE))
    return HostEntry(
        number,
        host,
        method=spec.method,
        path=None if spec.path is None else _plain(spec.path),
        query={name: _plain(matcher) for name, matcher in spec.query.items()},
        sent={name.lower(): _plain(matcher) for name, matcher in spec.sent.items()},
        when=spec.when,
        state=spec.state,
        first=first,
        last=last,
        status=spec.status,
        headers=tuple(headers),
        body=body,
        error=spec.error or "",
        after_s=spec.after_s,
    )


def _plain(matcher: Matcher) -> dict[str, Any]:
    return matcher.model_dump(by_alias=True, exclude_unset=True)
