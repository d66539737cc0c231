"""Parsers for commands that manage engines."""

from __future__ import annotations

from pathlib import Path

from harness.cli.debug_options import add_debugpy
from harness.cli.option_values import (
    port,
    web_origin,
)
from harness.cli.options import (
    add_settings,
)
from harness.cli.parsers.command import Commands, command
from harness.engine.localstack.install import VERSIONS
from harness.functions.host.pythons import INSTALLABLE as PYTHONS

INSTALLABLE = ("localstack", *(f"python{version}" for version in PYTHONS))
"""The names that `engines install` accepts."""


def add_up(sub: Commands) -> None:
    """Add `harness up`."""
    up = sub.add_parser(
        "up",
        help="start an engine, seed and deploy a scenario, and stay up until Ctrl-C",
        usage="%(prog)s [OPTION ...] [SCENARIO] [-- COMMAND ...]",
        epilog="A COMMAND gets environment variables with the engine's endpoint. When the command "
        "ends, the engine stops, and the exit code is the command's.",
    )
    up.add_argument(
        "path", nargs="?", type=Path, metavar="SCENARIO", help="without a scenario the engine is empty"
    )
    add_settings(up)
    up.add_argument("--json", action="store_true", help="print one line of JSON when the engine is ready")
    up.add_argument(
        "--clock",
        choices=("virtual", "real"),
        help="virtual: waiting takes no time; real: waiting takes real time, so that a waiting execution "
        "can be stopped (default: the scenario's clock, or virtual)",
    )
    up.add_argument(
        "--port",
        type=port,
        default=0,
        metavar="N",
        help="serve on this port of 127.0.0.1 (default: a free one)",
    )
    up.add_argument(
        "--open", action="store_true", help="accept every user on this machine, without the session token"
    )
    up.add_argument(
        "--cors",
        type=web_origin,
        action="append",
        default=[],
        metavar="ORIGIN",
        help="accept requests from web pages of this origin, such as http://localhost:3000; may be repeated",
    )
    up.add_argument(
        "--reload", action="store_true", help="update the stack when its template or code is saved"
    )
    add_debugpy(up)
    up.add_argument(
        "--no-page", action="store_true", help="do not serve the page that shows the engine in a browser"
    )
    up.set_defaults(command=command("up"))


def add_engines(sub: Commands) -> None:
    """Add `harness engines`."""
    engines = sub.add_parser(
        "engines", help="show which engines work on this machine, and why the others do not"
    )
    engines.set_defaults(command=command("engines"))
    add_settings(engines, but="engine")
    actions = engines.add_subparsers(metavar="ACTION")
    install = actions.add_parser(
        "install", help="install LocalStack, or a Python version that functions declare"
    )
    install.add_argument("what", choices=INSTALLABLE, metavar="WHAT", help=", ".join(INSTALLABLE))
    install.add_argument(
        "--version", choices=VERSIONS, help=f"version of LocalStack (default: {VERSIONS[0]})"
    )
    install.set_defaults(command=command("install"))
    uninstall = actions.add_parser("uninstall", help="remove an installation")
    uninstall.add_argument("what", choices=INSTALLABLE, metavar="WHAT", help="same as for install")
    uninstall.add_argument("--version", choices=VERSIONS, help="of LocalStack (default: all)")
    uninstall.set_defaults(command=command("uninstall"))
