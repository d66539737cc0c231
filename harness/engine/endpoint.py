"""The engine for any URL that serves the AWS API. HTTPS and signature verification are supported.

The harness first uses generated fake keys. If an emulator accepts them, each scenario gets its own account.
This is the only engine that uses keys from the environment, and it never sends them to AWS itself. Keys in
HARNESS_ENDPOINT_... are used from the start. Keys in AWS_... are used only after the emulator has rejected
the fake keys.
"""

from __future__ import annotations

import os
import re
import ssl
from pathlib import Path
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

from harness.engine.accounts import account_of_keys, own_account
from harness.engine.base import Availability, Endpoint, EngineError, Options
from harness.engine.keys import AWS, OURS, Keys, keys_of
from harness.engine.refusals import SET_CA, SET_REGION, refused, refuses_keys, unreachable
from harness.engine.remote import RemoteEngine

if TYPE_CHECKING:
    import boto3
    from botocore.exceptions import BotoCoreError, ClientError

    from harness.engine.clients import Clients

ASK = "set it with --endpoint-url http://host:port"
AWS_DOMAINS = ("amazonaws.com", "amazonaws.com.cn", "api.aws", "aws.dev", "aws.amazon.com")
REGION = re.compile(r"[a-z0-9-]{1,63}")


class EndpointEngine(RemoteEngine):
    """The emulator at `--endpoint-url`."""

    name = "endpoint"
    summary = "any other server with AWS's API, at --endpoint-url; AWS itself is rejected"

    def __init__(self, url: str | None = None, region: str | None = None, ca_bundle: Path | None = None):
        super().__init__()
        environ = os.environ
        self._given = url
        self._region = region or environ.get("AWS_REGION") or environ.get("AWS_DEFAULT_REGION")
        found = environ.get("AWS_CA_BUNDLE", "") if (url or "").startswith("https://") else ""
        self.ca_bundle = str(ca_bundle.absolute() if ca_bundle else found)
        self._keys: Keys | None = None

    @classmethod
    def configured(cls, options: Options) -> Self:
        """Return an engine for the URL, region and CA in the options."""
        return cls(options.endpoint_url, options.endpoint_region, options.endpoint_ca_bundle)

    @property
    def label(self) -> str:
        """The engine's name with its URL, and the keys if the user provided them."""
        return f"{self.name} ({self._given}{f', keys from {self._keys}' if self._keys else ''})"

    def availability(self) -> Availability:
        """Return the settings that would be used, without sending a request to the emulator."""
        if self._given is None:
            return Availability(False, "no URL is set", ASK)
        try:
            checked(self._given)
        except EngineError as error:
            return Availability(False, str(error), ASK)
        try:
            endpoint, keys = self._endpoint(), keys_of(os.environ, OURS)
        except EngineError as error:
            return Availability(False, str(error))  # the error already includes a remedy
        ca = f", CA {endpoint.ca_bundle}" if endpoint.ca_bundle else ""
        signed = f"keys from {keys}" if keys else f"fake keys from the harness{_others()}"
        return Availability(True, f"{endpoint.url}, region {endpoint.region}{ca}, {signed}")

    def stop(self) -> None:
        """Remove the scenario's resources. The emulator continues to run."""
        self.leave()

    def refusal(self, error: ClientError) -> str:
        """Explain an error about keys, such as an expired token."""
        if self._keys is None or not refuses_keys(error):
            return ""
        return f"{self.name}: {refused(error, self._endpoint(), self._keys)}"

    def _reach(self) -> str:
        if self._given is None:
            raise EngineError(f"no URL is set; {ASK}")
        self._keys = keys_of(os.environ, OURS)
        return self._endpoint().url

    def _endpoint(self) -> Endpoint:
        """Check the options, and return the endpoint without an account. Raises EngineError."""
        region = self._region or Endpoint.region
        if not REGION.fullmatch(region):
            raise EngineError(f"invalid region {region!r}; use a region such as eu-west-1: {SET_REGION}")
        if self.ca_bundle:
            try:
                ssl.create_default_context(cafile=self.ca_bundle)
            except OSError as error:
                why = "not a certificate in PEM format" if isinstance(error, ssl.SSLError) else error.strerror
                raise EngineError(
                    f"CA file {self.ca_bundle}: {why}; use a different file: {SET_CA}"
                ) from error
        return Endpoint(checked(self._given or ""), region, ca_bundle=self.ca_bundle)

    def _account(self, session: boto3.session.Session) -> Clients:
        from botocore.exceptions import ClientError  # noqa: PLC0415  (start-up)

        endpoint = self._endpoint()
        if self._keys is None:
            try:
                return own_account(endpoint, session)
            except ClientError as error:
                if not refuses_keys(error):
                    raise
                self._keys = keys_of(os.environ, AWS)
                if self._keys is None:
                    raise
        return account_of_keys(endpoint, self._keys, session)

    def _explained(self, error: BotoCoreError | ClientError) -> str:
        from botocore.exceptions import ClientError  # noqa: PLC0415  (start-up)

        endpoint = self._endpoint()
        if not isinstance(error, ClientError):
            return unreachable(error, endpoint)
        if refuses_keys(error):
            return refused(error, endpoint, self._keys)
        return super()._explained(error)


def _others() -> str:
    """Describe the keys that are used if the fake keys are rejected."""
    try:
        keys = keys_of(os.environ, AWS)
    except EngineError as error:
        return f" ({error})"
    return f", or keys from {keys} if those are rejected" if keys else ""


def checked(url: str) -> str:
    """Return the URL without a trailing slash.

    Raises EngineError if the URL is missing, or points to AWS itself.
    """
    parts = urlsplit(url)
    host = (parts.hostname or "").rstrip(".").lower()
    if parts.scheme not in ("http", "https") or not host:
        raise EngineError(f"invalid URL {url!r}: use a URL like http://host:port")
    if any(host == domain or host.endswith(f".{domain}") for domain in AWS_DOMAINS):
        raise EngineError(
            f"{url} is AWS itself; scenarios create and delete resources, and must not run on AWS"
        )
    return url.rstrip("/")
