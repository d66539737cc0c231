"""`harness completion`: a shell script generated from the parser. Pressing TAB does not start Python.

words     the parser -> commands, their options, and the possible values of each
bash, zsh, fish      -> the text of a script
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from harness.cli.arguments import parsers
from harness.cli.completing.bash import bash_script
from harness.cli.completing.fish import fish_script
from harness.cli.completing.words import Command, commands_of
from harness.cli.completing.zsh import zsh_script
from harness.exit_codes import PASSED
from harness.printable import say

SHELLS: Final[Mapping[str, Callable[[Sequence[Command]], str]]] = MappingProxyType(
    {"bash": bash_script, "zsh": zsh_script, "fish": fish_script}
)


def completion(arguments: argparse.Namespace) -> int:
    """Print a shell's completion script."""
    say(SHELLS[arguments.shell](commands_of(*parsers())), end="")
    return PASSED
