"""Anything that speaks AWS's API at a URL."""

from __future__ import annotations

from typing import Self
from urllib.parse import urlsplit

from harness.engine.base import Availability, EngineError, Options
from harness.engine.remote import RemoteEngine

ASK = "say where: --endpoint-url http://host:port"
AWS_DOMAINS = ("amazonaws.com", "amazonaws.com.cn", "api.aws", "aws.dev", "aws.amazon.com")


class EndpointEngine(RemoteEngine):
    """The emulator at `--endpoint-url`."""

    name = "endpoint"
    summary = "any emulator at --endpoint-url"

    def __init__(self, url: str | None = None):
        super().__init__()
        self._given = url

    @classmethod
    def configured(cls, options: Options) -> Self:
        """At the URL of the options."""
        return cls(options.endpoint_url)

    @property
    def label(self) -> str:
        """With its place."""
        return f"{self.name} ({self._given})"

    def availability(self) -> Availability:
        """Whether a URL is given that is not AWS's."""
        if self._given is None:
            return Availability(False, "no URL is given", ASK)
        try:
            checked(self._given)
        except EngineError as error:
            return Availability(False, str(error), ASK)
        return Availability(True, self._given)

    def _reach(self) -> str:
        if self._given is None:
            raise EngineError(f"no URL is given; {ASK}")
        return checked(self._given)

    def stop(self) -> None:
        """Remove what was made; it runs on."""
        self.leave()


def checked(url: str) -> str:
    """The URL without a slash at its end. Raises EngineError for none, and for real AWS."""
    parts = urlsplit(url)
    host = (parts.hostname or "").rstrip(".").lower()
    if parts.scheme not in ("http", "https") or not host:
        raise EngineError(f"{url!r} is not a URL like http://host:port")
    if any(host == domain or host.endswith(f".{domain}") for domain in AWS_DOMAINS):
        raise EngineError(f"{url} is AWS itself, where scenarios, which make and delete things, must not run")
    return url.rstrip("/")
