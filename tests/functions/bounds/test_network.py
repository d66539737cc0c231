"""A function reaches the engine and allowed addresses, and sends no packet anywhere else.

Every address here is on this machine, or is rejected before anything is sent: names end in .invalid.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import shutil
import socket
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

METADATA = "169.254.169.254"


class Places(NamedTuple):
    """Addresses on this machine that the function must not reach. Connections to each are counted."""

    tcp: int
    tcp6: int
    udp: int
    unix: str
    file: str
    allowed: int
    reached: list[str]


@pytest.fixture
def places() -> Iterator[Places]:
    reached: list[str] = []
    sockets = {
        "tcp": socket.create_server(("127.0.0.1", 0)),
        "tcp6": socket.create_server(("::1", 0), family=socket.AF_INET6),
        "udp": socket.socket(socket.AF_INET, socket.SOCK_DGRAM),
        "unix": socket.socket(socket.AF_UNIX),
        "file": socket.socket(socket.AF_UNIX),
        "allowed": socket.create_server(("127.0.0.1", 0)),
    }
    sockets["udp"].bind(("127.0.0.1", 0))
    unix = f"docker-{sockets['tcp'].getsockname()[1]}"
    sockets["unix"].bind(f"\0{unix}")
    folder = Path(tempfile.mkdtemp(prefix="socket-"))  # the kernel limits the length of a socket path
    folder.chmod(0o755)  # the user `nobody` sees it too
    file = folder / "docker.sock"
    sockets["file"].bind(str(file))
    file.chmod(0o777)
    for name in ("unix", "file"):
        sockets[name].listen()

    def listen(name: str, each: socket.socket) -> None:
        while True:
            try:
                if each.type == socket.SOCK_DGRAM:
                    each.recv(10)
                else:
                    connection, _ = each.accept()
                    with connection:
                        connection.sendall(b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi")
            except OSError:
                return
            reached.append(name)

    threads = [threading.Thread(target=listen, args=entry, daemon=True) for entry in sockets.items()]
    for thread in threads:
        thread.start()
    ports = {name: each.getsockname()[1] for name, each in sockets.items() if each.family != socket.AF_UNIX}
    yield Places(**ports, unix=unix, file=str(file), reached=reached)
    for each in sockets.values():
        with contextlib.suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)
        each.close()
    shutil.rmtree(folder)


COMMON = """
import errno, json, os, socket, subprocess, urllib.request
def handler(event, context):
    try:
        return ["reached", repr(reach())]
    except OSError as error:
        return ["refused", str(error)]
def send(family, address):
    with socket.socket(family, socket.SOCK_DGRAM) as made:
        return made.sendto(b"x", address)
def connect(family, address):
    with socket.socket(family) as made:
        return made.connect(address)
"""


def _refused(places: Places) -> dict[str, tuple[str, str]]:
    """Connection attempts, each with a string that the error must contain."""
    return {
        "another port": (
            f'urllib.request.urlopen("http://127.0.0.1:{places.tcp}")',
            f"127.0.0.1:{places.tcp}",
        ),
        "by the name of this machine": (
            f'socket.create_connection(("localhost", {places.tcp}))',
            f"127.0.0.1:{places.tcp}",
        ),
        "another address of loopback": (
            f'connect(socket.AF_INET, ("127.0.0.2", {places.tcp}))',
            f"127.0.0.2:{places.tcp}",
        ),
        "any address": (
            f'connect(socket.AF_INET, ("0.0.0.0", {places.tcp}))',
            f"0.0.0.0:{places.tcp}",
        ),
        "IPv6": (f'connect(socket.AF_INET6, ("::1", {places.tcp6}))', f"[::1]:{places.tcp6}"),
        "IPv4 in IPv6": (
            f'connect(socket.AF_INET6, ("::ffff:127.0.0.1", {places.tcp}))',
            f"127.0.0.1:{places.tcp}",
        ),
        "UDP": (f'send(socket.AF_INET, ("127.0.0.1", {places.udp}))', f"127.0.0.1:{places.udp}"),
        "a connected UDP socket": (
            f'socket.socket(socket.AF_INET, socket.SOCK_DGRAM).connect(("127.0.0.1", {places.udp}))',
            f"127.0.0.1:{places.udp}",
        ),
        "a message": (
            'socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendmsg([b"x"], [], 0, '
            f'("127.0.0.1", {places.udp}))',
            f"127.0.0.1:{places.udp}",
        ),
        "a Unix socket": (f'connect(socket.AF_UNIX, "\\0{places.unix}")', f"@{places.unix}"),
        "metadata": (f'urllib.request.urlopen("http://{METADATA}/latest/")', f"{METADATA}:80"),
        "a webhook": (
            'urllib.request.urlopen("https://hooks.example.invalid/T0", b"x")',
            "hooks.example.invalid:443",
        ),
        "a name": ('socket.getaddrinfo("example.invalid", 25)', "example.invalid:25"),
        "a name of old": ('socket.gethostbyname("example.invalid")', "example.invalid"),
        "a network": ('connect(socket.AF_INET, ("198.51.100.7", 22))', "198.51.100.7:22"),
    }


def test_python_code_is_refused_by_name(probe, places):
    refused = _refused(places)
    functions = {name: f"{COMMON}\ndef reach(): return {call}" for name, (call, _) in refused.items()}
    ends = probe(functions, network=[f"127.0.0.1:{places.allowed}"])
    for name, (_, named) in refused.items():
        word, text = json.loads(ends[name]["result"])
        assert word == "refused", (name, text)
        assert f"{named} is blocked" in text, name
        lines = [line for line in ends[name]["log"].splitlines() if line.startswith("[harness] ")]
        assert len(lines) == 1, name
        assert named in lines[0], name
    assert places.reached == []


def test_a_socket_in_a_folder_of_this_machine_is_not_there(probe, places):
    function = f"{COMMON}\ndef reach(): return connect(socket.AF_UNIX, {places.file!r})"
    (end,) = probe({"a file": function}).values()
    missing = os.strerror(errno.ENOENT)
    assert json.loads(end["result"]) == ["refused", f"[Errno {errno.ENOENT}] {missing}"]
    assert places.reached == []


def test_code_that_asks_for_a_number_gets_it(probe, places):
    call = f'socket.socket().connect_ex(("127.0.0.1", {places.tcp}))'
    (end,) = probe({"a port scan": f"{COMMON}\ndef reach(): return {call}"}).values()
    assert json.loads(end["result"]) == ["reached", "111"]
    assert places.reached == []


REACHED = {
    "a server of its own": """
        server = socket.create_server(("127.0.0.1", 0))
        return socket.create_connection(server.getsockname()) and 1
        """,
    "a packet to itself": """
        mine = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        mine.bind(("127.0.0.1", 0))
        return send(socket.AF_INET, mine.getsockname())
        """,
    "a Unix socket of its own": """
        server = socket.socket(socket.AF_UNIX)
        server.bind("\\0own-" + str(os.getpid()))
        server.listen()
        return connect(socket.AF_UNIX, server.getsockname()) or 1
        """,
    "a manager": """
        import multiprocessing
        with multiprocessing.get_context("fork").Manager() as manager:
            return manager.dict(one=1)["one"]
        """,
    "the daemon for traces": """
        return send(socket.AF_INET, ("169.254.79.129", 2000))
        """,
}


def test_what_is_its_own_is_reached(probe, places):
    functions = {name: f"{COMMON}\ndef reach():{body}" for name, body in REACHED.items()}
    ends = probe(functions)
    seen = {name: json.loads(end["result"]) for name, end in ends.items()}
    assert seen == {name: ["reached", "1"] for name in REACHED}


def test_what_is_allowed_is_reached(probe, places):
    functions = {
        host: f"{COMMON}\ndef reach(): return urllib.request.urlopen({url!r}).read()"
        for host in ("127.0.0.1", "localhost")
        for url in [f"http://{host}:{places.allowed}"]
    }
    ends = probe(functions, network=[f"localhost:{places.allowed}"])
    assert {json.loads(end["result"])[1] for end in ends.values()} == {repr(b"hi")}


def _programs(places: Places) -> dict[str, tuple[list[str], str]]:
    """Programs that try to connect, each with a string that the function's log must contain."""
    python = "import socket; s = socket.socket({}); s.{}"
    there = f"connect(('127.0.0.1', {places.tcp}))"
    programs = {
        "connect": (["python3", "-c", python.format("2", there)], f"127.0.0.1:{places.tcp}"),
        "IPv6": (
            ["python3", "-c", python.format("10", f"connect(('::1', {places.tcp6}))")],
            f"[::1]:{places.tcp6}",
        ),
        "UDP": (
            ["python3", "-c", python.format("2, 2", f"sendto(b'x', ('127.0.0.1', {places.udp}))")],
            f"127.0.0.1:{places.udp}",
        ),
        "message": (
            [
                "python3",
                "-c",
                python.format("2, 2", f"sendmsg([b'x'], [], 0, ('127.0.0.1', {places.udp}))"),
            ],
            f"127.0.0.1:{places.udp}",
        ),
        "unix": (
            ["python3", "-c", python.format("1", f"connect(chr(0) + {places.unix!r})")],
            f"@{places.unix}",
        ),
        "daemon": (["setsid", "-w", "python3", "-c", python.format("2", there)], f"127.0.0.1:{places.tcp}"),
    }
    if shutil.which("curl"):
        programs |= {
            "curl": (["curl", "-sS", f"http://127.0.0.1:{places.tcp}/"], f"127.0.0.1:{places.tcp}"),
            "curl of metadata": (["curl", "-sS", f"http://{METADATA}/"], f"{METADATA}:80"),
            "curl of a name": (["curl", "-sS", "https://hooks.example.invalid/"], "hooks.example.invalid"),
        }
    return programs


def test_programs_are_refused_and_the_log_names_the_address(probe, places, is_guarded):
    if not is_guarded:
        pytest.skip("only the guard holds them")
    programs = _programs(places)
    functions = {
        name: f"{COMMON}\ndef reach(): return subprocess.run({command!r}).returncode"
        for name, (command, _) in programs.items()
    }
    ends = probe(functions)
    for name, (_, named) in programs.items():
        assert json.loads(ends[name]["result"])[1] != "0", name
        lines = [line for line in ends[name]["log"].splitlines() if line.startswith("[harness] ")]
        assert any(named in line for line in lines), (name, ends[name]["log"])
        assert ends[name]["notes"] == []
    assert places.reached == []


def test_programs_reach_what_is_allowed(probe, places):
    if not shutil.which("curl"):
        pytest.skip("there is no curl here")
    command = ["curl", "-sS", f"http://127.0.0.1:{places.allowed}/"]
    function = f"{COMMON}\ndef reach(): return subprocess.run({command!r}, capture_output=True).stdout"
    (end,) = probe({"curl": function}, network=[f"127.0.0.1:{places.allowed}"]).values()
    assert json.loads(end["result"]) == ["reached", repr(b"hi")]


def test_it_is_said_once_that_programs_are_not_held(probe, is_guarded):
    function = f"{COMMON}\ndef reach(): return [subprocess.run(['true']).returncode for _ in range(3)]"
    (end,) = probe({"true": function}).values()
    assert json.loads(end["result"]) == ["reached", "[0, 0, 0]"]
    if is_guarded:
        assert end["notes"] == []
        return
    not_held, not_led = end["notes"]
    assert not_held == (
        "started programs, whose network and memory are not limited: "
        "seccomp(2) is not allowed: Operation not permitted"
    )
    assert not_led.startswith("starts other programs, such as true; without mount namespaces they see")


@pytest.mark.parametrize("method", ["fork"], indirect=True)
def test_secrets_in_a_command_are_not_in_the_log(probe, places, is_guarded):
    if not is_guarded or not shutil.which("curl"):
        pytest.skip("only the guard names a program, and there must be curl")
    command = ["curl", "-sS", "-H", "Authorization: hush", f"http://me:hush@127.0.0.1:{places.tcp}/hush"]
    function = f"{COMMON}\ndef reach(): return subprocess.run({command!r}).returncode"
    (end,) = probe({"curl": function}).values()
    assert "hush" not in end["log"]
    assert "[harness] curl for 127.0.0.1: " in end["log"]
