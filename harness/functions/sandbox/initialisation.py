"""The initialisation of a function, in a process that becomes a template if the initialisation is pure."""

from __future__ import annotations

from collections.abc import Callable

from ..shared.sandbox_protocol import InitReport, InvocationSetting
from . import folders
from .purity import Purity
from .side_channel import SideChannel
from .template import serve_forks
from .virtual_time import VirtualClock


class Initialisation:
    """The time from `begin`, before the function's code is loaded, to `end`."""

    def __init__(self, side: SideChannel, request_id: str, clock: VirtualClock) -> None:
        self._side = side
        self._request_id = request_id
        self._clock = clock
        self._purity: Purity | None = None
        self._unwatch: Callable[[], None] = lambda: None

    def begin(self) -> None:
        """Start watching for impure actions."""
        self._purity = Purity(self._tell_impure)
        self._unwatch = self._clock.watch(self._purity.note_clock)

    def end(self) -> InvocationSetting | None:
        """Report the result to the supervisor. Return in each fork, with its first invocation.

        Return None immediately if this process becomes an environment itself.
        """
        if self._purity is None:
            return None
        told = not self._purity.pure
        pure, read_clock = self._purity.end(), self._purity.read_clock
        self._unwatch()
        self._purity = None
        if not told:
            self._tell(pure, read_clock)
        if not pure:
            folders.stay()
            return None
        self._clock.set_aside()
        self._side.aside = True
        setting = serve_forks(self._side)
        self._side.aside = False
        self._clock.adopt()
        return setting

    def _tell_impure(self) -> None:
        folders.stay()
        self._tell(False, False)

    def _tell(self, pure: bool, read_clock: bool) -> None:
        report: InitReport = {"request_id": self._request_id, "pure": pure, "read_clock": read_clock}
        self._side.tell("init", report)  # each fork reports the counts so far
