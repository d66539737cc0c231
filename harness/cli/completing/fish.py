"""The script for fish."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from harness.cli.completing.words import TAGS, Command, Takes

_HEAD: Final = """\
# Completion of harness for fish. Made by: harness completion fish
function __harness_tags
    @TAGS@
end
"""
_SHORT: Final = 2


def fish_script(commands: Sequence[Command]) -> str:
    """Return the script."""
    lines = [
        *_names("__fish_use_subcommand", commands[1:]),
        *_options("__fish_use_subcommand", commands[0]),
        *(line for command in commands[1:] for line in _command(command)),
    ]
    return "\n".join([_HEAD.replace("@TAGS@", TAGS).rstrip(), *lines, ""])


def _names(when: str, commands: Sequence[Command]) -> Iterator[str]:
    for command in commands:
        yield f"complete -c harness -f -n '{when}' -a {command.name} -d '{command.help}'"


def _command(command: Command, before: str = "") -> Iterator[str]:
    seen = f"{before}__fish_seen_subcommand_from {command.name}"
    yield from _options(seen, command)
    if command.actions:
        names = " ".join(action.name for action in command.actions)
        yield from _names(f"{seen}; and not __fish_seen_subcommand_from {names}", command.actions)
        for action in command.actions:
            yield from _command(action, f"{seen}; and ")
    else:
        yield f"complete -c harness -n '{seen}' {_takes(command.takes)}"


def _options(when: str, command: Command) -> Iterator[str]:
    for option in command.options:
        names = " ".join(
            f"-{'s' if len(name) == _SHORT else 'l'} {name.lstrip('-')}" for name in option.names
        )
        takes = "" if option.takes.kind == "none" else f" -r {_takes(option.takes)}"
        yield f"complete -c harness -n '{when}' {names}{takes} -d '{option.help}'"


def _takes(takes: Takes) -> str:
    if takes.kind == "words":
        return f"-f -a '{' '.join(takes.words)}'"
    return {"files": "-F", "tags": "-f -a '(__harness_tags)'"}.get(takes.kind, "-f")
