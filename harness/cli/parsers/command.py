"""The function that a parser calls."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from importlib import import_module
from typing import TypeAlias

from harness.cli.options import Parser

Commands: TypeAlias = "argparse._SubParsersAction[Parser]"


def command(name: str, module: str = "commands") -> Callable[[argparse.Namespace], int]:
    """Return a command in `harness.cli.commands`, or in another module in the package. It is imported when it
    runs.

    The modules are slow to import, and not every command needs all of them.
    """

    def run(arguments: argparse.Namespace) -> int:
        called: Callable[[argparse.Namespace], int] = getattr(import_module(f"harness.cli.{module}"), name)
        return called(arguments)

    return run
