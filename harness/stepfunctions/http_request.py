"""An HTTP Task's request: its parameters, and the parts that the connection adds.

https://docs.aws.amazon.com/step-functions/latest/dg/call-https-apis.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, quote, quote_plus, urlencode, urlsplit

from harness.functions.shared.hosts import HttpRequest, plain_name
from harness.json_types import Json, JsonObject, as_dict
from harness.quotas import STATES_PAYLOAD_BYTES
from harness.states.payload import to_text
from harness.stepfunctions.connections import Connection

METHODS: Final = ("GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD")
_REFUSED_HEADERS: Final = frozenset(
    [
        "a-im", "accept-charset", "accept-datetime", "accept-encoding", "authorization", "cache-control",
        "connection", "content-encoding", "content-md5", "date", "expect", "forwarded", "from", "host",
        "http2-settings", "if-match", "if-modified-since", "if-none-match", "if-range",
        "if-unmodified-since", "max-forwards", "origin", "pragma", "proxy-authorization", "referer",
        "server", "te", "trailer", "transfer-encoding", "upgrade", "via", "warning",
    ]
)  # fmt: skip
_REFUSED_PREFIXES: Final = ("x-forwarded-", "x-amz-", "x-amzn-")
_JSON: Final = "application/json; charset=UTF-8"


class Unusable(Exception):
    """The parameters of an HTTP Task are invalid. The message states the reason."""


@dataclass(frozen=True)
class HttpParameters:
    """The parameters of an HTTP Task.

    `array_format` is the list format in a form; "" for a body that is not a form.
    """

    endpoint: str
    method: str
    connection: str
    headers: Mapping[str, str]
    query: tuple[tuple[str, str], ...]
    body: Json
    array_format: str

    @classmethod
    def of(cls, given: Json) -> HttpParameters:
        """Read the parameters. Raises Unusable if they are invalid."""
        parameters = as_dict(given)
        endpoint, method = parameters.get("ApiEndpoint"), parameters.get("Method")
        if not isinstance(endpoint, str) or not endpoint.startswith("https://"):
            raise Unusable(f"ApiEndpoint must be the URL of an HTTPS API, but is {to_text(endpoint)}")
        if method not in METHODS:
            raise Unusable(f"Method must be one of {', '.join(METHODS)}, but is {to_text(method)}")
        configured = as_dict(parameters.get("InvocationConfig")) or as_dict(parameters.get("Authentication"))
        connection = configured.get("ConnectionArn")
        if not isinstance(connection, str):
            raise Unusable("an HTTP Task requires the ConnectionArn of an EventBridge connection")
        headers = {str(name): _joined(value) for name, value in as_dict(parameters.get("Headers")).items()}
        for name in headers:
            if name.lower() in _REFUSED_HEADERS or name.lower().startswith(_REFUSED_PREFIXES):
                raise Unusable(f"the header {name} is not allowed in an HTTP Task")
        return cls(
            endpoint,
            str(method),
            connection,
            headers,
            tuple(_query(parameters.get("QueryParameters"))),
            parameters.get("RequestBody"),
            _array_format(as_dict(parameters.get("Transform"))),
        )

    @property
    def host(self) -> str:
        """The host of the endpoint."""
        return plain_name(urlsplit(self.endpoint).hostname or "")

    def request(self, connection: Connection, region: str, token: str = "") -> HttpRequest:
        """Return the request to send. The connection's parameters replace parameters with the same name.

        Raises:
            Unusable: the connection's parameters cannot be added to its body.
        """
        added, url = connection.added, urlsplit(self.endpoint)
        replaced = {name for name, _ in added.query}
        own = (*parse_qsl(url.query, keep_blank_values=True), *self.query)
        query = urlencode([*((n, v) for n, v in own if n not in replaced), *added.query], quote_via=quote)
        body = _body(self.body, dict(added.body), self.array_format)
        headers = {"host": url.netloc, **({"content-type": _JSON} if body else {})}
        headers |= {name.lower(): value for name, value in (*self.headers.items(), *added.headers)}
        headers |= {
            "user-agent": f"Amazon|StepFunctions|HttpInvoke|{region}",
            "range": f"bytes=0-{STATES_PAYLOAD_BYTES}",
            **connection.headers(token),
        }
        target = (url.path or "/") + (f"?{query}" if query else "")
        return HttpRequest(self.host, self.method, target, headers, body)


def _query(given: Json) -> Iterator[tuple[str, str]]:
    if isinstance(given, str):
        yield from parse_qsl(given, keep_blank_values=True)
    for name, value in as_dict(given).items():
        for each in value if isinstance(value, list) else [value]:
            yield str(name), _text(each)


def _array_format(transform: JsonObject) -> str:
    encoding = transform.get("RequestBodyEncoding", "NONE")
    if encoding == "NONE":
        return ""
    if encoding != "URL_ENCODED":
        raise Unusable(f"RequestBodyEncoding must be NONE or URL_ENCODED, but is {to_text(encoding)}")
    chosen = as_dict(transform.get("RequestEncodingOptions")).get("ArrayFormat", "INDICES")
    if chosen not in _LISTS:
        raise Unusable(f"ArrayFormat must be one of {', '.join(_LISTS)}, but is {to_text(chosen)}")
    return str(chosen)


def _body(body: Json, added: Mapping[str, str], array_format: str) -> str:
    if added:
        if isinstance(body, str):
            raise Unusable("the RequestBody is a string, but the connection adds body parameters")
        body = {**as_dict(body), **added}
    if body is None:
        return ""
    if isinstance(body, str):
        return body
    if not array_format:
        return to_text(body)
    pairs = [
        pair for name, value in as_dict(body).items() for pair in _fields(str(name), value, array_format)
    ]
    return "&".join(f"{quote_plus(name)}={quote_plus(value)}" for name, value in pairs)


def _fields(name: str, value: Json, array_format: str) -> Iterator[tuple[str, str]]:
    """Return the form fields for a value: `metadata[size]=3`."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _fields(f"{name}[{key}]", inner, array_format)
    elif isinstance(value, list) and array_format == "COMMAS":
        yield name, ",".join(map(_text, value))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _fields(name + _LISTS[array_format].format(number), inner, array_format)
    else:
        yield name, _text(value)


_LISTS: Final = {"INDICES": "[{}]", "REPEAT": "", "COMMAS": "", "BRACKETS": "[]"}


def _joined(value: Json) -> str:
    return ",".join(map(_text, value)) if isinstance(value, list) else _text(value)


def _text(value: Json) -> str:
    return value if isinstance(value, str) else to_text(value)
