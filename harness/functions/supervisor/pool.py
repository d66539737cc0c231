"""The choice of environments for invocations: warm ones again, new ones up to a limit, the rest in turn."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from typing import Generic, Protocol, TypeVar

from ..shared.channel import Message
from .environment import Kind, Work

STALL_S = 0.5
"""A standstill of this length while invocations wait: the limit may be what they wait for."""
_IDLE_CPU_S = 0.02  # environments that use less than this in STALL_S are waiting, not computing


class Member(Protocol):
    """An environment as the pool sees it."""

    @property
    def kind(self) -> Kind:
        """The kind of invocations that it can serve."""

    def serve(self, work: Work) -> None:
        """Do `work`."""

    def stop(self) -> None:
        """End; the pool's `gone` is told afterwards."""


M = TypeVar("M", bound=Member)


class Pool(Generic[M]):
    """Hands invocations to environments.

    - An idle environment of the same revision serves first, the one used last before others.
    - Else a new one is started, while fewer than `limit` live; at the limit the idle one that has not been
      used for longest makes room.
    - Those that sleep on a virtual clock do not count: it may be waiting for the invocations that wait here.
    - Else the invocation waits, first come first served; an environment that becomes ready may serve a
      younger invocation of its own function only when the oldest one's function has an environment too.

    The limit is there for the processor's sake. With `elastic` it grows by one whenever nothing moves and
    nothing computes: functions that wait for each other would otherwise never end.
    """

    def __init__(
        self,
        start: Callable[[Work], M],
        limit: int,
        *,
        elastic: bool = False,
        cpu_s: Callable[[], float] = lambda: 0.0,
    ) -> None:
        self._start = start
        self._limit = self._base_limit = limit
        self._elastic = elastic
        self._cpu_s = cpu_s
        self._queue: deque[Work] = deque()
        self._idle: list[M] = []  # the one used last is the last
        self._live: list[M] = []
        self._asleep: set[M] = set()
        self._revisions: dict[tuple[str, str], str] = {}
        self._moved = True
        self._check_at = 0.0
        self._cpu_before_s = 0.0

    def submit(self, work: Work) -> None:
        """Have `work` done, as soon as it may."""
        *function, revision = work.kind
        self._revisions[function[0], function[1]] = revision
        for member in [member for member in self._idle if self._outdated(member)]:
            self._stop(member)
        self._queue.append(work)
        self._fill()

    def ready(self, member: M) -> None:
        """`member` can take its next invocation."""
        work = self._next_for(member)
        if work:
            self._queue.remove(work)
            self._serve(member, work)
        elif self._outdated(member) or self._awake() > self._limit:
            self._stop(member)
            self._fill()
        elif member in self._live:
            self._idle.append(member)
            self._fill()

    def sleeps(self, member: M, asleep: bool) -> None:
        """`member` sleeps, or does no more."""
        if not asleep:
            self._asleep.discard(member)
        elif member in self._live:
            self._asleep.add(member)
            self._fill()

    def gone(self, member: M) -> None:
        """`member` has ended."""
        self._forget(member)
        self._fill()

    def stop(self, members: Iterable[M]) -> None:
        """Stop those of these that live."""
        for member in members:
            if member in self._live:
                self._stop(member)

    def check(self, now_s: float) -> float | None:
        """Look for a standstill; the time at which to look again, None while nothing waits."""
        if not self._queue:
            self._limit = self._base_limit
            return None
        if not self._elastic:
            return None
        if now_s >= self._check_at:
            cpu_s = self._cpu_s()
            stuck = not self._moved and cpu_s - self._cpu_before_s < _IDLE_CPU_S
            self._moved = False
            self._cpu_before_s = cpu_s
            self._check_at = now_s + STALL_S
            if stuck:
                self._limit += 1
                self._fill()
        return self._check_at

    def _fill(self) -> None:
        while self._queue and self._place(self._queue[0]):
            pass

    def _place(self, work: Work) -> bool:
        for member in reversed(self._idle):
            if member.kind == work.kind:
                self._idle.remove(member)
                self._queue.remove(work)
                self._serve(member, work)
                return True
        if self._awake() >= self._limit:
            if not self._idle:
                return False
            self._stop(self._idle[0])
        self._queue.remove(work)
        self._moved = True
        try:
            self._live.append(self._start(work))
        except OSError as error:  # such as no more processes, or no such folder
            work.done(Message("failed", {"reason": str(error)}))
        return True

    def _serve(self, member: M, work: Work) -> None:
        self._moved = True
        member.serve(work)

    def _next_for(self, member: M) -> Work | None:
        own = next((work for work in self._queue if work.kind == member.kind), None)
        if own is None or own is self._queue[0]:
            return own
        oldest = self._queue[0].kind
        return own if any(other.kind == oldest for other in self._live) else None

    def _outdated(self, member: M) -> bool:
        arn, version, revision = member.kind
        return self._revisions.get((arn, version)) != revision

    def _awake(self) -> int:
        return len(self._live) - len(self._asleep)

    def _stop(self, member: M) -> None:
        self._forget(member)
        member.stop()

    def _forget(self, member: M) -> None:
        for members in (self._live, self._idle):
            if member in members:
                members.remove(member)
        self._asleep.discard(member)
