"""`localstack`: the first way to it that works here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Self

from harness.engine.base import Availability, Endpoint, Engine, EngineError, Options
from harness.engine.localstack.docker import LocalStackDocker
from harness.engine.localstack.host import LocalStackHost
from harness.engine.localstack.running import LocalStackRunning
from harness.functions.shared.model import Fault, Invocation

WAYS: tuple[type[Engine], ...] = (LocalStackRunning, LocalStackDocker, LocalStackHost)


class LocalStack(Engine):
    """One that runs, else a container, else a local process; `label` says which."""

    name = "localstack"
    summary = f"the first of these that works: {', '.join(way.name for way in WAYS)}"

    def __init__(self, ways: Sequence[Engine] | None = None):
        self._ways = tuple(ways) if ways is not None else tuple(way() for way in WAYS)
        self._taken: Engine | None = None

    @classmethod
    def configured(cls, options: Options) -> Self:
        """Each way with the same options."""
        return cls([way.configured(options) for way in WAYS])

    @property
    def label(self) -> str:
        """Which way it took."""
        return f"{self.name}, by {self._taken.label}" if self._taken else self.name

    def availability(self) -> Availability:
        """The first way that is usable; else why each is not."""
        refused = []
        for way in self._ways:
            found = way.availability()
            if found.usable:
                return Availability(True, f"by {way.name}: {found.detail}")
            refused.append(_reason(way, found))
        return Availability(False, "; ".join(refused), "see the engines below")

    def start(self) -> Endpoint:
        """Start the first that can be started."""
        refused = []
        for way in self._ways:
            found = way.availability()
            if not found.usable:
                refused.append(_reason(way, found))
                continue
            try:
                endpoint = way.start()
            except EngineError as error:
                way.stop()
                refused.append(f"{way.name}: {error}")
                continue
            self._taken = way
            self.capabilities = way.capabilities
            return endpoint
        raise EngineError("no LocalStack can be used here\n" + "\n".join(f"  {reason}" for reason in refused))

    def stop(self) -> None:
        """As the way that was taken."""
        if self._taken is not None:
            self._taken.stop()

    def reset(self) -> Endpoint:
        """As the way that was taken."""
        return self._started.reset()

    def check(self) -> None:
        """As the way that was taken."""
        self._started.check()

    def wait_for_execution(self, execution_arn: str, timeout_s: float) -> bool | None:
        """As the way that was taken."""
        return self._started.wait_for_execution(execution_arn, timeout_s)

    def declare(self, bucket: str, objects: Sequence[tuple[str, int]]) -> None:
        """As the way that was taken."""
        self._started.declare(bucket, objects)

    def set_faults(self, faults: Sequence[Fault]) -> None:
        """As the way that was taken."""
        self._started.set_faults(faults)

    def fired(self) -> Mapping[int, int]:
        """As the way that was taken."""
        return self._started.fired()

    def invocations(self) -> tuple[Invocation, ...]:
        """As the way that was taken."""
        return self._started.invocations()

    @property
    def _started(self) -> Engine:
        assert self._taken is not None, "the engine is not started"
        return self._taken


def _reason(way: Engine, found: Availability) -> str:
    return f"{way.name}: {found.detail}" + (f"; {found.remedy}" if found.remedy else "")
