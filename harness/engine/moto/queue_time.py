"""Queues on the world's clock: ReceiveMessage with a wait time, and callbacks for new messages.

Patched in moto.sqs.models:
- `SQSBackend.receive_message`, which waits in real time.
- `Queue.add_message`, which invokes functions within the sender's request, and
  `SQSBackend.change_message_visibility`.
- `Message.visible` and `Message.delayed`, which are wrong at the exact moment when the time elapses.
- `Queue.messages`, which keeps messages longer than MessageRetentionPeriod and reads the time once per
  message.
- `SQSBackend.is_message_valid_based_on_retention_period`, which counts all other messages for each message.
- `Queue.delete_message`, which reads all messages twice, and the message counts, which every sender
  computes.
"""

from __future__ import annotations

import functools
import math
import time
from collections.abc import Callable, Container
from typing import Any, Final

from moto.core.utils import unix_time_millis
from moto.sqs.exceptions import ReceiptHandleIsInvalid
from moto.sqs.models import Message, Queue, SQSBackend

from harness.engine.moto.atomic import current_call, released
from harness.engine.moto.world import World
from harness.states.time.fibers import Timer

# the clock counts whole microseconds, which floats cannot represent exactly
_HALF_MICROSECOND_MS: Final = 0.0005
Listener = Callable[[Queue], None]
_listeners: Final[list[Listener]] = []


def on_change(listener: Listener) -> None:
    """Register a listener, which is called during a request when a queue may have a new message."""
    _listeners.append(listener)


def install(world: World) -> None:
    """Patch moto in this process."""
    message: Any = Message
    message.visible = property(lambda self: _has_come(self.visible_at))
    message.delayed = property(lambda self: not _has_come(self.delayed_until))
    queue: Any = Queue
    queue.messages = property(_receivable)
    queue.approximate_number_of_messages_delayed = property(lambda self: _later(self, "delayed_until"))
    queue.approximate_number_of_messages_not_visible = property(lambda self: _later(self, "visible_at"))
    queue.add_message = _added(queue.add_message)
    queue.delete_message = _delete
    backend: Any = SQSBackend
    # `Queue.messages` does not contain expired messages.
    backend.is_message_valid_based_on_retention_period = lambda *_: True
    backend.receive_message = _waiting(world, backend.receive_message)
    backend.change_message_visibility = _changed(backend.change_message_visibility)
    on_change(_wake)


def next_moment(queue: Any, besides: Container[str] = ()) -> float:
    """Return the next time at which a message of a queue becomes visible, or infinity if there is none.

    Args:
        besides: the IDs of the messages to ignore.
    """
    by_ms = _now_ms()
    moments = (max(m.visible_at, m.delayed_until) for m in queue._messages if m.id not in besides)
    return min((moment / 1000 for moment in moments if moment > by_ms), default=math.inf)


def _now_ms() -> float:
    """Return the current time in milliseconds since 1970, plus half a microsecond for comparisons."""
    return unix_time_millis() + _HALF_MICROSECOND_MS


def _has_come(moment_ms: float) -> bool:
    return moment_ms <= _now_ms()


def _receivable(queue: Any) -> list[Message]:
    by_ms = _now_ms()
    sent_by_ms = by_ms - queue.message_retention_period * 1000
    queue._messages = [each for each in queue._messages if each.sent_timestamp > sent_by_ms]
    return [each for each in queue._messages if each.visible_at <= by_ms and each.delayed_until <= by_ms]


def _later(queue: Any, moment: str) -> int:
    by_ms = _now_ms()
    return sum(getattr(each, moment) > by_ms for each in queue._messages)


def _delete(queue: Any, receipt_handle: str) -> None:
    if receipt_handle in queue.deleted_messages:
        return
    held = enumerate(queue._messages)
    found = next(((n, each) for n, each in held if each.had_receipt_handle(receipt_handle)), None)
    if found is None:
        raise ReceiptHandleIsInvalid
    place, message = found
    queue.pending_messages.discard(message)
    queue.deleted_messages.update(message.all_receipt_handles)
    del queue._messages[place]


def _added(add: Any) -> Any:
    @functools.wraps(add)
    def add_message(self: Any, message: Message) -> None:
        mappings, self.lambda_event_source_mappings = self.lambda_event_source_mappings, {}
        try:
            add(self, message)
        finally:
            self.lambda_event_source_mappings = mappings
        _tell(self)

    return add_message


def _changed(change: Any) -> Any:
    @functools.wraps(change)
    def change_message_visibility(self: Any, queue_name: str, *args: Any, **kwargs: Any) -> None:
        change(self, queue_name, *args, **kwargs)
        _tell(self.get_queue(queue_name))

    return change_message_visibility


def _tell(queue: Queue) -> None:
    for listener in _listeners:
        listener(queue)


class _Waiter:
    """A request that waits for a message. Calling `end` makes it check the queue again."""

    def __init__(self) -> None:
        self.changed = False
        self.end: Callable[[], None] = lambda: None


def _waiters(queue: Any) -> list[_Waiter]:
    found: list[_Waiter] = queue.__dict__.setdefault("harness_waiters", [])
    return found


def _wake(queue: Any) -> None:
    """Wake the request that has waited longest. After its check, it wakes the next one."""
    waiters = _waiters(queue)
    if waiters:
        waiter = waiters.pop(0)
        waiter.changed = True
        waiter.end()


def _waiting(world: World, receive: Any) -> Any:
    """Wrap ReceiveMessage so that it checks the queue after each change, until its wait time has elapsed."""

    @functools.wraps(receive)
    def receive_message(
        self: Any, queue_name: str, count: int, wait_seconds_timeout: int, *args: Any, **kwargs: Any
    ) -> list[Message]:
        deadline = time.time() + int(wait_seconds_timeout or 0)
        waited = False
        while True:
            found: list[Message] = receive(self, queue_name, count, 0, *args, **kwargs)
            queue: Any = self.get_queue(queue_name)
            if found or round(deadline - time.time(), 6) <= 0:
                break
            _wait(world, queue, deadline, is_first=waited)
            waited = True
        if waited:
            world.answered(*current_call())
        if queue._messages:
            _wake(queue)
        return found

    return receive_message


def _wait(world: World, queue: Any, deadline: float, *, is_first: bool) -> None:
    """Wait until a queue changes, one of its messages becomes visible, or the deadline passes.

    Requests wait in line, because only one of them can receive each message. Only the first request is
    woken. It checks the queue when the next message becomes visible.
    """
    waiter, waiters = _Waiter(), _waiters(queue)
    waiters.insert(0 if is_first else len(waiters), waiter)
    moment = min(deadline, next_moment(queue)) if waiters[0] is waiter else deadline
    caller, call = current_call()
    timers: list[Timer] = []

    def ends(end: Callable[[], None]) -> None:
        def end_at_moment() -> None:
            end()
            if moment == deadline:
                world.answered(caller, call)

        # A caller outside the executions waits for as long as the clock allows, because it may send the
        # message itself.
        asked = None if caller else lambda: True
        timers.append(world.scheduler.at(moment, end_at_moment, asked))

        def end_now() -> None:
            with world.scheduler.frozen():
                end()

        waiter.end = end_now
        if waiter.changed:
            end()

    with released():
        world.lasting(caller, call, ends, again=True)
    if waiter in waiters:
        waiters.remove(waiter)
    for timer in timers:
        timer.cancel()
