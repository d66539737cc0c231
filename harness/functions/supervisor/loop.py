"""The supervisor's event loop: non-blocking reads and writes of file descriptors."""

from __future__ import annotations

import os
import selectors
from collections.abc import Callable

_CHUNK_BYTES = 1 << 18


class Loop:
    """Calls a callback when a watched file descriptor is ready."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()

    def watch(self, fd: int, on_ready: Callable[[], None], *, write: bool = False) -> None:
        """Call `on_ready` whenever `fd` is readable (or, with `write`, writable or readable)."""
        events = selectors.EVENT_READ | (selectors.EVENT_WRITE if write else 0)
        if fd in self._selector.get_map():
            self._selector.modify(fd, events, on_ready)
        else:
            self._selector.register(fd, events, on_ready)

    def unwatch(self, fd: int) -> None:
        """Stop watching `fd`."""
        self._selector.unregister(fd)

    def run_once(self, timeout_s: float | None) -> None:
        """Wait for up to `timeout_s` (None: indefinitely), and call the callbacks for ready descriptors."""
        for key, _ in self._selector.select(timeout_s):
            # A callback may close a descriptor that is ready in the same round.
            if self._selector.get_map().get(key.fd) is key:
                key.data()


class Stream:
    """A non-blocking file descriptor. Its input is passed on, and its writes are finished in the loop."""

    def __init__(
        self,
        loop: Loop,
        fd: int,
        on_data: Callable[[bytes], None],
        on_end: Callable[[], None] = lambda: None,
    ) -> None:
        os.set_blocking(fd, False)
        self._loop = loop
        self.fd = fd
        self._on_data = on_data
        self._on_end = on_end
        self._unsent = bytearray()
        self._closed = False
        loop.watch(fd, self._ready)

    def send(self, data: bytes) -> None:
        """Send `data`, possibly in several parts. If the other end is closed, send nothing."""
        if self._closed:
            return
        if self._unsent:
            self._unsent += data
            return
        sent = self._write(data)
        if sent < len(data) and not self._closed:
            self._unsent += memoryview(data)[sent:]
            self._loop.watch(self.fd, self._ready, write=True)

    def drain(self) -> None:
        """Pass on all input that is currently available."""
        while not self._closed:
            try:
                data = os.read(self.fd, _CHUNK_BYTES)
            except BlockingIOError:
                return
            except OSError:
                data = b""
            if not data:
                self.close()
                self._on_end()
                return
            self._on_data(data)

    def close(self) -> None:
        """Close the file descriptor. May be called more than once."""
        if not self._closed:
            self._closed = True
            self._loop.unwatch(self.fd)
            os.close(self.fd)

    def _ready(self) -> None:
        if self._unsent:
            del self._unsent[: self._write(self._unsent)]
            if not self._unsent and not self._closed:
                self._loop.watch(self.fd, self._ready)
        self.drain()

    def _write(self, data: bytes | bytearray) -> int:
        try:
            return os.write(self.fd, data)
        except BlockingIOError:
            return 0
        except OSError:  # the reader has disconnected; the next read detects and reports this
            return len(data)
