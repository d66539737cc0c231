"""The running invocations: their environments, their places, and their calls to the harness."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from ..shared.channel import Message
from ..shared.model import FunctionConfig
from .environments import CONCURRENCY, Environment, Environments
from .places import Places, default_limit


@dataclass(slots=True)
class _Contact:
    """An invocation's calls to the harness: the open ones and the total count."""

    open: int = 0
    count: int = 0


class Schedule:
    """Keeps track of a runtime's environments and places. Thread-safe.

    `on_retired` receives the keys of retired environments. `max_environments` limits the processes that work
    at once.
    """

    def __init__(self, max_environments: int | None, on_retired: Callable[[list[int]], None]) -> None:
        self._on_retired = on_retired
        self._lock = threading.Lock()
        self._environments = Environments()
        self._virtual = Places(max_environments or default_limit())
        self._real = Places(max_environments or CONCURRENCY)
        self._contacts: dict[str, _Contact] = {}

    def take(self, config: FunctionConfig, *, virtual: bool) -> Environment:
        """Choose the environment for a starting invocation.

        Raises:
            Throttled: the concurrency limit is reached.
        """
        with self._lock:
            taken, retired = self._environments.take(config, virtual=virtual)
        if retired:
            self._on_retired([each.key for each in retired])
        return taken

    def give_back(self, environment: Environment, at_s: float) -> None:
        """Free an environment at `at_s`, a time on its clock."""
        with self._lock:
            retired = self._environments.give_back(environment, at_s)
        if retired:
            self._on_retired([retired.key])

    def retire(self, account_id: str = "") -> None:
        """Retire all environments, or those in one account."""
        with self._lock:
            self._environments.retire(account_id)

    @contextmanager
    def taken(self, config: FunctionConfig, *, virtual: bool) -> Iterator[Environment]:
        """Take an environment for an invocation and give it back, in real time. Raises Throttled."""
        environment = self.take(config, virtual=virtual)
        try:
            yield environment
        finally:
            self.give_back(environment, time.monotonic())

    @contextmanager
    def place(self, request_id: str, *, virtual: bool) -> Iterator[None]:
        """Wait until an invocation can start, and mark it as running during the `with` block."""
        self._contacts[request_id] = _Contact()
        try:
            with (self._virtual if virtual else self._real).of(request_id):
                yield
        finally:
            del self._contacts[request_id]

    def hurry(self, request_id: str) -> None:
        """Start an invocation immediately, because the clock is waiting for it."""
        self._virtual.hurry(request_id)

    def forget(self, request_id: str) -> None:
        """Forget that the clock waited for an invocation."""
        self._virtual.forget(request_id)

    @contextmanager
    def calling(self, request_id: str) -> Iterator[None]:
        """Count an invocation's call to the harness ("" for no invocation), and release its place until the
        response.
        """
        contact = self._contacts.get(request_id)
        if contact is None:
            yield
            return
        with self._lock:
            contact.open += 1
        try:
            with self._virtual.lent(request_id):
                yield
        finally:
            with self._lock:
                contact.open -= 1
                contact.count += 1

    def answer(self, question: Message) -> Message:
        """Return, for a supervisor, how many of an idle invocation's calls are in progress, and how many have
        ended.
        """
        request_id = str(question.fields["request_id"])
        contact = self._contacts.get(request_id) or _Contact()
        calls = {"open": contact.open, "count": contact.count}
        return Message("calls", {"request_id": request_id, **calls})
