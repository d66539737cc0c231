"""The child process: MiniStack on the port in the environment, together with the function runtime.

Once it accepts requests, it prints one line of JSON on standard output, `{"control": URL}`: the URL
for requests under /_harness/. It exits when its standard input is closed.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import metadata
from urllib.parse import parse_qsl, urlsplit

from harness.engine.ministack import functions, histories, objects
from harness.functions.host.accounts import AccountRuntime
from harness.functions.host.control_server import ControlServer, account_routes
from harness.functions.shared.control_protocol import SECRET_HEADER, SECRET_VARIABLE
from harness.functions.shared.lifeline import remove_afterwards, wake_with_parent

HOST = "127.0.0.1"


def serve_control(control: ControlServer) -> str:
    """Serve requests under /_harness/ in threads of this process, and return the URL."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            given = self.headers.get(SECRET_HEADER, "")
            reply = control.reply(self.command, parts.path, dict(parse_qsl(parts.query)), body, given)
            answer = reply.text.encode()
            self.send_response(reply.status)
            self.send_header("Content-Type", reply.content_type)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        do_POST = do_GET  # noqa: N815

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer((HOST, 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://{HOST}:{server.server_port}"


def end_with_parent(accounts: AccountRuntime) -> None:
    """Wait until standard input closes, then stop the whole process group."""
    while os.read(0, 1):
        pass
    accounts.close()
    os.killpg(os.getpgrp(), signal.SIGKILL)


def announce(out: int, port: int, control_url: str) -> None:
    """Wait until the port is open, then print the URL for control requests."""
    while True:
        with socket.socket() as probe:
            if probe.connect_ex((HOST, port)) == 0:
                break
        time.sleep(0.02)
    os.write(out, json.dumps({"control": control_url}).encode() + b"\n")


def main() -> None:
    """Run the server."""
    folder, port = sys.argv.pop(1), int(os.environ["GATEWAY_PORT"])
    out = os.dup(1)
    os.dup2(2, 1)
    remove_afterwards(folder)
    wake_with_parent()
    accounts = AccountRuntime()
    threading.Thread(target=end_with_parent, args=(accounts,), daemon=True).start()
    functions.install(accounts, f"http://{HOST}:{port}")
    histories.install()
    about = {"emulator": "MiniStack", "version": metadata.version("ministack")}
    secret = os.environ.pop(SECRET_VARIABLE, "")
    control_url = serve_control(ControlServer(account_routes(accounts, about, objects.declare), secret))
    threading.Thread(target=announce, args=(out, port, control_url), daemon=True).start()

    from ministack.app import main as run  # noqa: PLC0415  (reads the environment)

    run()


if __name__ == "__main__":
    main()
