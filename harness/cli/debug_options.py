"""Debugging options, and the options that are incompatible with them."""

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
        help="stop before a function, a state or an API call such as dynamodb:PutItem, and open a prompt at "
        "the terminal; may be repeated",
    )


def add_debugpy(parser: Parser) -> None:
    """Add `--debugpy`."""
    parser.add_argument(
        "--debugpy",
        type=port,
        metavar="PORT",
        help="allow an editor that supports the Debug Adapter Protocol (such as VS Code) to attach to "
        "this port on 127.0.0.1 and debug the functions",
    )


def not_debugged(given: Mapping[str, Any]) -> str:
    """Return a sentence about an option that is incompatible with debugging; "" if there is none."""
    breaks, debugpy = given.get("breaks"), given.get("debugpy")
    if not (breaks or debugpy):
        return ""
    option = f"--debugpy {debugpy}" if debugpy else f"--break {given['breaks'][0]}"
    if given.get("n", 1) > 1:
        return (
            f"{option}: only one scenario can be debugged at a time, but -n {given['n']} runs several; "
            "omit one of them"
        )
    if given.get("cov") or given.get("cov_append") or given.get("cov_min") is not None:
        return f"{option}: --cov counts lines with the tracer that a debugger needs; omit one of them"
    if breaks and debugpy:
        return (
            f"{option}: --break {breaks[0]} opens a prompt at the terminal, not in an editor; omit one "
            "of them"
        )
    return ""
