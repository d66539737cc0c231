"""A LocalStack instance that is already running, at the address in the environment."""

from __future__ import annotations

import json

from harness.engine.base import Availability, EngineError
from harness.engine.control_client import Refused, Unanswered, ask
from harness.engine.endpoint import checked
from harness.engine.remote import RemoteEngine

START = (
    "start LocalStack (docker compose up), or set its address: LOCALSTACK_HOST=host:port or AWS_ENDPOINT_URL"
)


class LocalStackRunning(RemoteEngine):
    """The LocalStack instance at AWS_ENDPOINT_URL, LOCALSTACK_HOST or localhost:4566."""

    name = "localstack-running"
    summary = "the LocalStack at AWS_ENDPOINT_URL, LOCALSTACK_HOST or localhost:4566"

    def __init__(self, url: str | None = None):
        super().__init__()
        self._found = url
        self._version = ""

    @property
    def label(self) -> str:
        """The engine's name with the version and the address."""
        return f"{self.name} (LocalStack {self._version} at {self._found})"

    def availability(self) -> Availability:
        """Send a request to the address. The timeout is three seconds."""
        try:
            self._look()
        except EngineError as error:
            return Availability(False, str(error), START)
        return Availability(True, f"LocalStack {self._version} at {self._found}")

    def _reach(self) -> str:
        try:
            self._look()
        except EngineError as error:
            raise EngineError(f"{error}; {START}") from error
        assert self._found is not None
        return self._found

    def stop(self) -> None:
        """Remove the scenario's resources. LocalStack continues to run."""
        self.leave()

    def _look(self) -> None:
        url = checked(self._found or configured_url())
        self._version = localstack_version(url)
        self._found = url


def configured_url() -> str:
    """Return the URL that LocalStack's own tools use."""
    from localstack_client.config import get_service_endpoint  # noqa: PLC0415  (only here)

    # Use 127.0.0.1, because boto3 would prepend the bucket name to a host name.
    url = get_service_endpoint("s3") or ""
    return url.rstrip("/").replace("://localhost:", "://127.0.0.1:")


def localstack_version(url: str) -> str:
    """Return the version of the LocalStack instance at `url`.

    Raises EngineError if no server responds, or if it is not LocalStack.
    """
    try:
        answer = json.loads(ask("GET", f"{url}/_localstack/info", timeout_s=3))
        return str(answer["version"]).split(":")[0]
    except Unanswered:
        raise EngineError(f"no server responds at {url}") from None
    except (Refused, ValueError, KeyError, TypeError):
        raise EngineError(f"the server at {url} is not LocalStack") from None
