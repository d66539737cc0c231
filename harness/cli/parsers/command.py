"""The function that a parser selects."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from importlib import import_module
from typing import TypeAlias

from harness.cli.options import Parser

Commands: TypeAlias = "argparse._SubParsersAction[Parser]"


def command(name: str, module: str = "commands") -> Callable[[argparse.Namespace], int]:
    """Return a command of `harness.cli.commands`, or of another module in the package. It is imported when it
    runs.

    The modules take a while to import, and not every command requires all of them.
    """

    def run(arguments: argparse.Namespace) -> int:
        called: Callable[[argparse.Namespace], int] = getattr(import_module(f"harness.cli.{module}"), name)
        return called(arguments)

    return run
