"""The options of debugging, and the others that they do not go with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harness.cli.option_values import port
from harness.cli.options import Parser


def add_debugging(parser: Parser) -> None:
    """Add `--break` and `--debugpy`."""
    add_debugpy(parser)
    parser.add_argument(
        "--break",
        dest="breaks",
        action="append",
        default=[],
        metavar="NAME",
        help="stop before a function, a state or an API call such as dynamodb:PutItem, and ask at the "
        "terminal what to do; may be repeated",
    )


def add_debugpy(parser: Parser) -> None:
    """Add `--debugpy`."""
    parser.add_argument(
        "--debugpy",
        type=port,
        metavar="PORT",
        help="let an editor that speaks the Debug Adapter Protocol, as to debugpy, attach to this port of "
        "127.0.0.1 and debug the functions",
    )


def not_debugged(given: Mapping[str, Any]) -> str:
    """Say which other option leaves nobody to debug; "" for none."""
    breaks, debugpy = given.get("breaks"), given.get("debugpy")
    if not (breaks or debugpy):
        return ""
    option = f"--debugpy {debugpy}" if debugpy else f"--break {given['breaks'][0]}"
    if given.get("n", 1) > 1:
        return f"{option}: one is asked at a time, and -n {given['n']} plays several; leave one of them out"
    if given.get("cov") or given.get("cov_append") or given.get("cov_min") is not None:
        return f"{option}: --cov counts lines with the tracer that a debugger needs; leave one of them out"
    if breaks and debugpy:
        return f"{option}: --break {breaks[0]} asks at the terminal, not in an editor; leave one of them out"
    return ""
