"""An invocation as the supervisor sees it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from harness.functions.shared.channel import InvocationRequest, Message
from harness.functions.shared.model import FunctionConfig

Kind = tuple[str, str, str]
"""The kind of an environment: ARN, version, revision and clock. Environments of equal kinds are
interchangeable.
"""


def account_of(kind: Kind) -> str:
    """Return the account that owns a kind's function."""
    return kind[0].split(":")[4]


@dataclass(eq=False)
class Work:
    """A requested invocation. `done` is called exactly once, with its outcome."""

    config: FunctionConfig
    payload: bytes
    done: Callable[[Message], None]
    request: InvocationRequest

    @property
    def request_id(self) -> str:
        """Return the invocation's ID."""
        return self.request["request_id"]

    @property
    def now_s(self) -> float | None:
        """Return the time at which the invocation's virtual clock begins, or None in real time."""
        return self.request["now_s"]

    @property
    def kind(self) -> Kind:
        """Return the kind of environment that the invocation needs."""
        config = self.config
        # Code may keep a reference to the `time.sleep` that it loaded, so a process keeps its kind of clock.
        revision = config.revision if self.now_s is None else f"{config.revision} on virtual time"
        if self.request["measures"]:
            revision += ", measured"
        if hosts := config.hosts:  # a process keeps its initial hosts
            revision += f", with {' '.join(hosts['names'])}; {' '.join(hosts['refusing'])}"
        return config.arn, config.version, revision
