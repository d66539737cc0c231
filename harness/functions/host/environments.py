"""The selection of environments for invocations, following Lambda's rules, and the concurrency limits.

An environment serves one invocation at a time. It becomes free again when the invocation's outcome is
delivered, at a time on the caller's clock. With virtual time, invocations use the same environments in every
run, regardless of the number of processes. This module starts no processes and reads no clock.
"""

from __future__ import annotations

from bisect import insort
from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import count
from typing import Final, Literal

from ..shared.model import FunctionConfig

CONCURRENCY: Final = 1_000
"""Maximum concurrent invocations in an account per Region, by default.

https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
"""

MOST_KEPT: Final = 64
"""Maximum reusable environments in an account. Lambda also ends unused environments.

If more are needed at once, each additional environment serves one invocation and then ends. Otherwise, their
processes would use several gigabytes of memory while they wait for the clock.
"""

ThrottleReason = Literal[
    "ReservedFunctionConcurrentInvocationLimitExceeded", "ConcurrentInvocationLimitExceeded"
]
"""https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html (TooManyRequestsException)"""


class Throttled(Exception):
    """The function or its account exceeds its concurrency limit; the message is Lambda's."""

    def __init__(self, reason: ThrottleReason) -> None:
        super().__init__("Rate Exceeded.")
        self.reason: Final = reason


@dataclass(eq=False, slots=True)
class Environment:
    """An environment for one version of a function.

    Attributes:
        key: its number in the whole runtime, counted from 1.
        number: its number among the environments of this version of the function, from 1 in creation order.
        virtual: true if its clock is virtual.
        alive: false once its process has exited, or once it has been retired.
        serves_once: true if it ends after its first invocation.
        free_at: the time when it became free, in seconds on its clock.
    """

    key: int
    number: int
    account_id: str
    region: str
    arn: str
    version: str
    revision: str
    virtual: bool
    alive: bool = True
    serves_once: bool = False
    free_at: float = 0.0

    @property
    def kind(self) -> tuple[str, str, bool]:
        """Return the key for which only one revision is current at a time."""
        return self.arn, self.version, self.virtual

    @property
    def age(self) -> tuple[float, int]:
        """Return its sort key among free environments. Among environments freed at the same time, the oldest
        is last.
        """
        return self.free_at, -self.key


class Environments:
    """A runtime's environments. Not thread-safe: callers must serialize calls."""

    def __init__(self) -> None:
        self._keys = count(1)
        self._made: Counter[tuple[str, str, str]] = Counter()
        self._free: dict[tuple[str, str, bool], list[Environment]] = {}  # the last one serves next
        self._revisions: dict[tuple[str, str, bool], str] = {}
        self._busy: dict[Environment, None] = {}
        self._kept: defaultdict[str, set[Environment]] = defaultdict(set)  # by account
        self._busy_of: Counter[str] = Counter()
        self._busy_in: Counter[tuple[str, str]] = Counter()

    def take(self, config: FunctionConfig, *, virtual: bool) -> tuple[Environment, list[Environment]]:
        """Choose the environment for a starting invocation: the free environment that was used most recently.

        Returns the environment, and the environments retired by this choice: those of a different revision,
        or the one that it replaces.

        Raises:
            Throttled: the function or its account has reached its concurrency limit.
        """
        self._check(config)
        kind = config.arn, config.version, virtual
        free = self._free.setdefault(kind, [])
        retired: list[Environment] = []
        if self._revisions.get(kind) != config.revision:
            self._revisions[kind] = config.revision
            retired, free[:] = free[:], []
            for each in retired:
                self._retire(each)
        if free:
            chosen = free.pop()
        else:
            retired += self._make_room(config.account_id)
            chosen = self._new(config, virtual=virtual)
        self._busy[chosen] = None
        self._busy_of[chosen.arn] += 1
        self._busy_in[chosen.account_id, chosen.region] += 1
        return chosen, retired

    def give_back(self, environment: Environment, at_s: float) -> Environment | None:
        """Free an environment after its outcome was delivered.

        If the environment is retired instead, return it.
        """
        if environment not in self._busy:
            return None
        self._leave(environment)
        if environment.serves_once or not environment.alive:
            self._retire(environment)
            return None
        if self._revisions.get(environment.kind) != environment.revision:
            self._retire(environment)
            return environment
        environment.free_at = at_s
        insort(self._free[environment.kind], environment, key=lambda each: each.age)
        return None

    def retire(self, account_id: str = "") -> None:
        """Retire all environments, or those of one account. New environments are numbered from 1 again."""
        for environment in [*self._busy]:
            if account_id in ("", environment.account_id):
                self._retire(environment)
                self._leave(environment)
        for free in self._free.values():
            for each in [each for each in free if account_id in ("", each.account_id)]:
                self._retire(each)
                free.remove(each)
        for function in [*self._made]:
            if account_id in ("", function[0]):
                del self._made[function]

    def _make_room(self, account_id: str) -> list[Environment]:
        """Retire the environment that has been free the longest, if the limit is reached."""
        free = [own for own in self._free.values() if own and own[0].account_id == account_id]
        if len(self._kept[account_id]) < MOST_KEPT or not free:
            return []
        retired = min(free, key=lambda own: own[0].age).pop(0)
        self._retire(retired)
        return [retired]

    def _retire(self, environment: Environment) -> None:
        environment.alive = False
        self._kept[environment.account_id].discard(environment)

    def _leave(self, environment: Environment) -> None:
        del self._busy[environment]
        self._busy_of[environment.arn] -= 1
        self._busy_in[environment.account_id, environment.region] -= 1

    def _check(self, config: FunctionConfig) -> None:
        reserved = config.reserved_concurrency
        if reserved is not None and self._busy_of[config.arn] >= reserved:
            raise Throttled("ReservedFunctionConcurrentInvocationLimitExceeded")
        if self._busy_in[config.account_id, config.region] >= CONCURRENCY:
            raise Throttled("ConcurrentInvocationLimitExceeded")

    def _new(self, config: FunctionConfig, *, virtual: bool) -> Environment:
        function = config.account_id, config.arn, config.version
        self._made[function] += 1
        kept = self._kept[config.account_id]
        made = Environment(
            next(self._keys),
            self._made[function],
            config.account_id,
            config.region,
            config.arn,
            config.version,
            config.revision,
            virtual,
            serves_once=len(kept) >= MOST_KEPT,
        )
        if not made.serves_once:
            kept.add(made)
        return made
