"""A LocalStack that already runs, wherever the environment says."""

from __future__ import annotations

import json

from harness.engine.base import Availability, EngineError
from harness.engine.control_client import Refused, Unanswered, ask
from harness.engine.endpoint import checked
from harness.engine.remote import RemoteEngine

START = "start one (docker compose up), or say where it is: LOCALSTACK_HOST=host:port or AWS_ENDPOINT_URL"


class LocalStackRunning(RemoteEngine):
    """The LocalStack at AWS_ENDPOINT_URL, LOCALSTACK_HOST or localhost:4566."""

    name = "localstack-running"
    summary = "the LocalStack at AWS_ENDPOINT_URL, LOCALSTACK_HOST or localhost:4566"

    def __init__(self, url: str | None = None):
        super().__init__()
        self._found = url
        self._version = ""

    @property
    def label(self) -> str:
        """The name with the version and the place."""
        return f"{self.name} (LocalStack {self._version} at {self._found})"

    def availability(self) -> Availability:
        """Ask at the place, which may take three seconds."""
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
        """Remove what was made; it runs on."""
        self.leave()

    def _look(self) -> None:
        url = checked(self._found or configured_url())
        self._version = localstack_version(url)
        self._found = url


def configured_url() -> str:
    """Return the URL where LocalStack's own tools look for it."""
    from localstack_client.config import get_service_endpoint  # noqa: PLC0415  (only here)

    # 127.0.0.1: with a name, boto3 would make the bucket's name part of it.
    url = get_service_endpoint("s3") or ""
    return url.rstrip("/").replace("://localhost:", "://127.0.0.1:")


def localstack_version(url: str) -> str:
    """The version of the LocalStack at `url`. Raises EngineError when there is none, or something else."""
    try:
        answer = json.loads(ask("GET", f"{url}/_localstack/info", timeout_s=3))
        return str(answer["version"]).split(":")[0]
    except Unanswered:
        raise EngineError(f"nothing answers at {url}") from None
    except (Refused, ValueError, KeyError, TypeError):
        raise EngineError(f"what answers at {url} is not LocalStack") from None
