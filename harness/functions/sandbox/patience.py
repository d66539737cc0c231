"""Makes AWS calls from a function on virtual time wait for their responses, even on a slow computer.

botocore measures a client's timeouts in real time, so a busy machine would change the function's behaviour.
On virtual time, a call takes no time. The client's `read_timeout` still applies to delays from faults.
"""

from __future__ import annotations

import functools
from typing import Any


def install() -> None:
    """Remove the timeouts from the connections of all clients that are created after this call."""
    from botocore.httpsession import URLLib3Session  # noqa: PLC0415  (the function's own, when it brings one)

    session: Any = URLLib3Session
    arguments = getattr(session, "_get_pool_manager_kwargs", None)
    if arguments is None:  # an unknown version
        return

    @functools.wraps(arguments)
    def patient(self: object, **more: object) -> dict[str, Any]:
        return {**arguments(self, **more), "timeout": None}

    session._get_pool_manager_kwargs = patient
    if hasattr(session, "_get_request_timeout"):  # of one operation, in newer versions
        session._get_request_timeout = lambda _session, _request: None
