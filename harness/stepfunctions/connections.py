"""EventBridge connections: the parts that they add to a request, and the token of an OAuth connection.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-target-connection-auth.html
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlencode, urlsplit

from harness.functions.shared.hosts import HostEntry, HttpRequest, plain_name
from harness.json_types import Json, JsonObject, as_dict

Pairs = tuple[tuple[str, str], ...]
_FORM: Final = "application/x-www-form-urlencoded; charset=UTF-8"
_AGENT: Final = "Amazon/EventBridge/ApiDestinations"
_SUFFIX_LENGTH: Final = (
    6  # https://docs.aws.amazon.com/secretsmanager/latest/userguide/whats-in-a-secret.html
)


@dataclass(frozen=True)
class Parameters:
    """Headers, query parameters and body fields that are added to a request."""

    headers: Pairs = ()
    query: Pairs = ()
    body: Pairs = ()

    @classmethod
    def of(cls, given: Json) -> Parameters:
        """Read ConnectionHttpParameters."""
        lists = as_dict(given)
        names = ("HeaderParameters", "QueryStringParameters", "BodyParameters")
        return cls(*(tuple(_pairs(lists.get(name))) for name in names))


@dataclass(frozen=True)
class Connection:
    """A connection. `parameters` are its AuthParameters."""

    arn: str
    authorization: str
    parameters: JsonObject = field(default_factory=dict, repr=False)

    @property
    def added(self) -> Parameters:
        """The parameters that are added to each request."""
        return Parameters.of(self.parameters.get("InvocationHttpParameters"))

    def headers(self, token: str = "") -> dict[str, str]:
        """Return the headers that authorise a request. `token` is the OAuth token."""
        if self.authorization == "BASIC":
            given = as_dict(self.parameters.get("BasicAuthParameters"))
            return {"authorization": _basic(str(given.get("Username")), str(given.get("Password")))}
        if self.authorization == "API_KEY":
            given = as_dict(self.parameters.get("ApiKeyAuthParameters"))
            return {str(given.get("ApiKeyName")).lower(): str(given.get("ApiKeyValue"))}
        return {"authorization": f"Bearer {token}"}

    @property
    def wants_token(self) -> bool:
        """Return whether the connection needs a token."""
        return self.authorization == "OAUTH_CLIENT_CREDENTIALS"

    def token_request(self) -> HttpRequest:
        """Return the token request: client ID and secret as Basic authorization, the rest as a form."""
        oauth = as_dict(self.parameters.get("OAuthParameters"))
        client = as_dict(oauth.get("ClientParameters"))
        more = Parameters.of(oauth.get("OAuthHttpParameters"))
        endpoint = urlsplit(str(oauth.get("AuthorizationEndpoint")))
        query = "&".join(filter(None, (endpoint.query, urlencode(more.query))))
        form = {"grant_type": "client_credentials", **dict(more.body)}
        headers = {
            "host": endpoint.netloc,
            "user-agent": _AGENT,
            "content-type": _FORM,
            "authorization": _basic(str(client.get("ClientID")), str(client.get("ClientSecret"))),
            **{name.lower(): value for name, value in more.headers},
        }
        target = (endpoint.path or "/") + (f"?{query}" if query else "")
        method = str(oauth.get("HttpMethod") or "POST")
        host = plain_name(endpoint.hostname or "")
        body = "" if method == "GET" else urlencode(form)
        return HttpRequest(host, method, target, headers, body)

    def secrets(self, token: str = "") -> list[str]:
        """Return the strings that must not appear in reports."""
        found = [token, *(value.removeprefix("Bearer ") for value in self.headers(token).values())]
        found += [text.removeprefix("Basic ") for text in found]
        oauth = as_dict(self.parameters.get("OAuthParameters"))
        client = as_dict(oauth.get("ClientParameters"))
        if client:
            basic = _basic(str(client.get("ClientID")), str(client.get("ClientSecret")))
            found += [basic.removeprefix("Basic "), str(client.get("ClientSecret"))]
        found += _secret_values(self.parameters.get("InvocationHttpParameters"))
        found += _secret_values(oauth.get("OAuthHttpParameters"))
        return [text for text in dict.fromkeys(found) if text and not text.startswith("Basic ")]


@dataclass(frozen=True)
class Token:
    """A token and its expiry time on the clock."""

    text: str = field(repr=False)
    until_s: float


def token_in(entry: HostEntry, now_s: float) -> Token | None:
    """Read a token from its host's response. Return None if the response contains none."""
    try:
        read = json.loads(entry.body)
    except (ValueError, RecursionError):
        return None
    text = read.get("access_token") if isinstance(read, dict) else None
    if entry.error or entry.status >= 300 or not isinstance(text, str):
        return None
    lasts_s = read.get("expires_in")
    known = isinstance(lasts_s, int | float) and not isinstance(lasts_s, bool)
    return Token(text, now_s + float(lasts_s) if known else float("inf"))


def secret_arn(connection_arn: str) -> str:
    """Return the ARN of the secret where EventBridge stores a connection's credentials.

    >>> secret_arn("arn:aws:events:us-east-1:123456789012:connection/shop/1a2b")
    'arn:aws:secretsmanager:us-east-1:123456789012:secret:events!connection/shop/1a2b-52f7f6'
    """
    place, _, name = connection_arn.replace(":events:", ":secretsmanager:", 1).partition(":connection/")
    suffix = hashlib.sha256(connection_arn.encode()).hexdigest()[:_SUFFIX_LENGTH]
    return f"{place}:secret:events!connection/{name}-{suffix}"


def _pairs(given: Json) -> Iterator[tuple[str, str]]:
    for each in given if isinstance(given, list) else ():
        entry = as_dict(each)
        yield str(entry.get("Key", "")), str(entry.get("Value", ""))


def _secret_values(given: Json) -> Iterable[str]:
    for listed in as_dict(given).values():
        for each in listed if isinstance(listed, list) else ():
            entry: Mapping[str, Json] = as_dict(each)
            if str(entry.get("IsValueSecret", "")).lower() == "true":
                yield str(entry.get("Value", ""))


def _basic(user: str, password: str) -> str:
    return f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"
