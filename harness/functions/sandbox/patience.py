"""Lets the AWS calls of a function on virtual time wait for their answers, however slow the computer is.

botocore counts the time-outs of a client in real time, and so a busy machine would decide what a function
sees. On virtual time a call takes none of it; the client's `read_timeout` still ends what a fault delays.
"""

from __future__ import annotations

import functools
from typing import Any


def install() -> None:
    """Take the time-outs from the connections of all clients that are made from now on."""
    from botocore.httpsession import URLLib3Session  # noqa: PLC0415  (the function's own, when it brings one)

    session: Any = URLLib3Session
    arguments = getattr(session, "_get_pool_manager_kwargs", None)
    if arguments is None:  # a version that is not known here
        return

    @functools.wraps(arguments)
    def patient(self: object, **more: object) -> dict[str, Any]:
        return {**arguments(self, **more), "timeout": None}

    session._get_pool_manager_kwargs = patient
    if hasattr(session, "_get_request_timeout"):  # of one operation, in newer versions
        session._get_request_timeout = lambda _session, _request: None
