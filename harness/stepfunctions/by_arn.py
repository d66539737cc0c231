"""Resources that the API identifies by ARN: state machines and executions in all accounts and Regions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

from harness.stepfunctions.arns import Caller

T = TypeVar("T")


class ByArn(Generic[T]):
    """Resources by ARN, in the order in which they were created.

    Args:
        now: returns the time.
        visible_after_s: the time after which a new resource is visible to other calls.
        made_at: returns the creation time of a resource.
        is_gone: returns true for a resource that no longer exists. Such a resource is then removed.
    """

    def __init__(
        self,
        now: Callable[[], float],
        visible_after_s: float,
        made_at: Callable[[T], float],
        is_gone: Callable[[T], bool],
    ) -> None:
        self._now = now
        self._visible_after_s = visible_after_s
        self._made_at = made_at
        self._is_gone = is_gone
        self._things: dict[str, T] = {}

    def add(self, arn: str, thing: T) -> None:
        """Store a new resource."""
        self._things[arn] = thing

    def existing(self, arn: str) -> T | None:
        """Return the resource with an ARN, visible or not."""
        found = self._things.get(arn)
        if found is None or not self._is_gone(found):
            return found
        del self._things[arn]
        return None

    def owned(self, caller: Caller, arn: str) -> T | None:
        """Return the resource with an ARN, visible or not, if it belongs to the caller."""
        return self.existing(arn) if caller.owns(arn) else None

    def visible(self, caller: Caller, arn: str) -> T | None:
        """Return the resource with an ARN if it is visible to the caller."""
        found = self.owned(caller, arn)
        return found if found is not None and self._is_visible(found) else None

    def all_visible(self) -> Iterator[T]:
        """Return all visible resources, including deleted ones that have not been removed yet."""
        return filter(self._is_visible, self._things.values())

    def __iter__(self) -> Iterator[T]:
        return iter(self._things.values())

    def _is_visible(self, thing: T) -> bool:
        return self._now() >= self._made_at(thing) + self._visible_after_s
