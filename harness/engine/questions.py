"""Questions beside the AWS API, over HTTP."""

from __future__ import annotations

import json
from typing import Any

from harness.engine.base import EngineError
from harness.functions.model import Invocation


class Unanswered(EngineError):
    """Nobody answered."""


class Refused(EngineError):
    """The answer was not 200."""


def ask(method: str, url: str, body: bytes = b"", timeout_s: float = 60, ca_bundle: str = "") -> bytes:
    """Return the body of the answer; `ca_bundle` is a file of CAs. Raises Unanswered and Refused."""
    import urllib3  # noqa: PLC0415  (not needed to start)

    request = urllib3.PoolManager(ca_certs=ca_bundle).request if ca_bundle else urllib3.request
    try:
        answer: Any = request(method, url, body=body, timeout=timeout_s, retries=False, redirect=False)
    except urllib3.exceptions.HTTPError as error:
        raise Unanswered(f"{url} does not answer: {error}") from error
    if answer.status != 200:
        raise Refused(f"{url} answered {answer.status}: {answer.data.decode(errors='replace')[:500]}")
    data: bytes = answer.data
    return data


def fired_from(answer: bytes) -> dict[int, int]:
    """The numbers in an answer under /_harness/fired."""
    return {int(id): times for id, times in json.loads(answer).items()}


def invocations_from(answer: bytes) -> tuple[Invocation, ...]:
    """The invocations in an answer under /_harness/invocations."""
    from pydantic import TypeAdapter  # noqa: PLC0415  (not needed to start)

    return TypeAdapter(tuple[Invocation, ...]).validate_json(answer)
