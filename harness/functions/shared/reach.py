"""The addresses that a function may connect to: the harness's, the function's own, and those in the setting
`network`.

Other addresses are blocked, and the error message contains the address. Functions on Lambda can reach the
internet (https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html), but a scenario that reached it
would differ between runs.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal
from urllib.parse import urlsplit

XRAY_DAEMON = ("169.254.79.129", 2000)
"""The address of Lambda's X-Ray daemon: https://docs.aws.amazon.com/lambda/latest/dg/services-xray.html

No daemon runs there: data sent to it is accepted and discarded.
"""

Address = tuple[str, int]
"""A host (a name or an IP address) and a port."""
Transport = Literal["tcp", "udp"]

DNS_PORT = 53
# https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html
_METADATA = ("169.254.169.254", "fd00:ec2::254")
_LOCAL_NAMES = ("", "localhost", "localhost.localdomain", "ip6-localhost")
_ENTRY = re.compile(r"(?:\[(?P<ip6>[0-9A-Fa-f:.]+)\]|(?P<host>[^\s:\[\]/@]+)):(?P<port>\d{1,5})")


def address_of(text: str) -> Address:
    """Read `host:port` or `[IPv6 address]:port`. Raises ValueError.

    >>> address_of("hooks.slack.com:443"), address_of("[::1]:80")
    (('hooks.slack.com', 443), ('::1', 80))
    """
    found = _ENTRY.fullmatch(text)
    if found is None or not 0 < int(found["port"]) < 65536:
        raise ValueError(f'{text!r} is not a host and a port; write it like "hooks.slack.com:443"')
    return plain_host(found["ip6"] or found["host"]), int(found["port"])


def address_of_url(url: str) -> Address | None:
    """Return the address in a URL, or None if the URL has no host."""
    parts = urlsplit(url)
    if not parts.hostname:
        return None
    return plain_host(parts.hostname), parts.port or {"https": 443}.get(parts.scheme, 80)


def text_of(host: str, port: int) -> str:
    """Format an address for the setting `network`; port 0 means no port."""
    shown = f"[{host}]" if ":" in host else host
    return f"{shown}:{port}" if port else shown


def plain_host(host: str) -> str:
    """Normalize a host: lower case, no trailing dot, IPv4 extracted from IPv6, no zone."""
    host = host.rstrip(".").lower()
    ip = _ip(host)
    return host if ip is None else str(ip)


@lru_cache(1024)
def _ip(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        ip = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return None
    return getattr(ip, "ipv4_mapped", None) or ip


def is_name(host: str) -> bool:
    """Return whether a host is a name that must be looked up."""
    return _ip(host) is None


def is_this_machine(host: str) -> bool:
    """Return whether an IP address is a loopback address of this machine."""
    ip = _ip(host)
    return ip is not None and (ip.is_loopback or ip.is_unspecified)


@dataclass(frozen=True)
class Reach:
    """The addresses that a function may connect to: the harness's (`own`) and the setting's (`allowed`)."""

    own: Collection[Address]
    allowed: Collection[Address]

    @classmethod
    def of(cls, own: Iterable[str], allowed: Iterable[str]) -> Reach:
        """Read both lists, each entry as `host:port`."""
        return cls(frozenset(map(address_of, own)), frozenset(map(address_of, allowed)))

    @property
    def has_names(self) -> bool:
        """Return whether an allowed host must be looked up."""
        return any(is_name(host) and host not in _LOCAL_NAMES for host, _ in self.allowed)

    def permits_name(self, host: str) -> bool:
        """Return whether a host may be looked up: it is not a name, refers to this machine, or is allowed."""
        host = plain_host(host)
        return (
            not is_name(host)
            or host in _LOCAL_NAMES
            or host.endswith(".localhost")
            or any(host == name for name, _ in (*self.own, *self.allowed))
        )

    def permits(self, host: str, port: int, resolve: Callable[[str], Collection[str]]) -> bool:
        """Return whether an address is allowed; `resolve` returns the IP addresses of an allowed name."""
        host = plain_host(host)
        if (host, port) in self.own or (host, port) in self.allowed:
            return True
        if is_name(host):
            return host in _LOCAL_NAMES and self.permits("127.0.0.1", port, resolve)
        names = [name for name, at in (*self.own, *self.allowed) if at == port and is_name(name)]
        if is_this_machine(host):
            return any(name in _LOCAL_NAMES for name in names) or (
                ("127.0.0.1" if host == "0.0.0.0" else host, port) in {*self.own, *self.allowed}  # noqa: S104
            )
        return any(host in resolve(name) for name in names if name not in _LOCAL_NAMES)


def addresses_of(name: str) -> frozenset[str]:
    """Look up the IP addresses for a name; an unknown name has none."""
    try:
        found = socket.getaddrinfo(name, None)
    except OSError:
        return frozenset()
    return frozenset(plain_host(str(entry[4][0])) for entry in found)


def refusal(host: str, port: int) -> str:
    """Return the error for a blocked address, including the remedy.

    >>> refusal("hooks.slack.com", 443)
    'hooks.slack.com:443 is blocked; define its responses in the scenario, hosts:
    {hooks.slack.com: [{status: 200}]}, or allow it with network = ["hooks.slack.com:443"] in [tool.harness]'
    """
    host = plain_host(host)
    where = text_of(host, port)
    if host in _METADATA:
        return f"{where} is blocked: functions have no instance metadata, as on Lambda"
    if host.endswith((".amazonaws.com", ".amazonaws.com.cn", ".api.aws")):
        return (
            f"{where} is blocked: it is AWS itself. AWS_ENDPOINT_URL is the engine's address; "
            "remove endpoint_url and ignore_configured_endpoint_urls, and keep that variable"
        )
    entry = text_of(host, port) if port else f"{text_of(host, 0)}:PORT"
    stand_in = f"define its responses in the scenario, hosts: {{{host}: [{{status: 200}}]}}, or "
    can_be_named = is_name(host) and "." in host
    remedy = f'{stand_in if can_be_named else ""}allow it with network = ["{entry}"] in [tool.harness]'
    return f"{where} is blocked; {remedy}"


def refusal_of_socket(path: str) -> str:
    """Return the error for a blocked Unix socket on this machine.

    >>> refusal_of_socket("/var/run/docker.sock")
    '/var/run/docker.sock is blocked: it belongs to this machine, and Lambda has no such socket'
    """
    return f"{path} is blocked: it belongs to this machine, and Lambda has no such socket"


def refusal_of_name_server(host: str) -> str:
    """Return the error for a blocked name server, including the remedy."""
    return (
        f"the name server {text_of(host, DNS_PORT)} is blocked; allow the looked-up host "
        'with network = ["HOST:PORT"] in [tool.harness]'
    )
