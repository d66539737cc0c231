"""Decides which connections to allow, and makes a program's connections to blocked addresses fail.

The program gets "Connection refused", and a line with the address is added to the function's log. This also
blocks name servers. The address is checked when the call is made. If a program changes it from another
thread at that moment, the connection is not blocked.
"""

from __future__ import annotations

import os
import re

from ..shared.own_sockets import has_listener, is_socket_there, listens, listens_at
from ..shared.reach import (
    DNS_PORT,
    XRAY_DAEMON,
    is_this_machine,
    refusal,
    refusal_of_name_server,
    refusal_of_socket,
)
from .guarded import Guarded, Question, Verdict
from .socket_arguments import Destination, Unreadable, destinations

_SILENT = ("/nscd/socket", "/systemd/resolve/", "/systemd/userdb/", "/dbus/")
"""Parts of the socket paths to which the C library itself tries to connect."""

_COMMAND_BYTES = 4096
_HOST = re.compile(r"[a-z]+://(?:[^@/\s]*@)?([\w.-]+|\[[\da-f:]+\])", re.IGNORECASE)


def decide_network(question: Question, guarded: Guarded) -> Verdict:
    """Decide whether to allow a call to connect, sendto, sendmsg or sendmmsg."""
    try:
        found = destinations(question.pid, question.number, question.arguments)
    except Unreadable:  # the kernel returns the error
        return Verdict.CONTINUES
    for destination in found:
        if (destination.host, destination.port) == XRAY_DAEMON and destination.is_sent:
            return Verdict.PRETENDED
        if said := _refusal(question.pid, guarded, destination):
            if not any(part in (destination.unix or "") for part in _SILENT):
                guarded.say(f"{_program(question.pid)}: {said}")
            return Verdict.REFUSED
    return Verdict.CONTINUES


def _refusal(pid: int, guarded: Guarded, destination: Destination) -> str:
    """Return the reason why a destination is blocked, or "" if it is not."""
    if destination.unix is not None:
        path, start = destination.unix, _folder(f"/proc/{pid}/cwd")
        if not is_socket_there(pid, path, start) or listens_at(guarded.pid, path, start):
            return ""
        return refusal_of_socket(path)
    host, port = destination.host, destination.port
    if f"{host}:{port}" in guarded.bounds.reach or guarded.reach.permits(host, port, guarded.resolve):
        return ""
    if port == DNS_PORT:
        return "" if guarded.reach.has_names else refusal_of_name_server(host)
    if is_this_machine(host) and _listens(guarded.pid, host, port):
        return ""
    return refusal(host, port)


def _listens(pid: int, host: str, port: int) -> bool:
    """Return whether an environment listens at an address; the socket's type is unknown."""
    if has_listener(pid, "tcp", host, port):
        return listens(pid, "tcp", host, port)
    return listens(pid, "udp", host, port)


def _folder(link: str) -> str:
    try:
        return os.readlink(link)
    except OSError:
        return "/"


def _program(pid: int) -> str:
    """Describe a program by its name and the hosts in its arguments' URLs; other arguments may be secrets."""
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            words = file.read(_COMMAND_BYTES).decode(errors="replace").split("\0")
    except OSError:
        words = [""]
    hosts = dict.fromkeys(found[1] for word in words if (found := _HOST.match(word)))
    name = "".join(c if c.isprintable() else "?" for c in os.path.basename(words[0])) or "a program"
    return f"{name} for {', '.join(hosts)}" if hosts else name
