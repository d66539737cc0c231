"""The script for zsh: a function named `_harness`, stored in a folder of `fpath` or loaded by `eval`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from harness.cli.completing.words import TAGS, Command, Option, Takes

_HEAD: Final = """\
#compdef harness
# Completion of harness for zsh. Made by: harness completion zsh
_harness_tags() {
  local -a tags
  tags=(${(f)"$(@TAGS@)"})
  compadd -a tags
}

"""
_TAIL: Final = """\
if [[ ${funcstack[1]} == _harness ]]; then _harness "$@"; else compdef _harness harness; fi
"""


def zsh_script(commands: Sequence[Command]) -> str:
    """Return the script."""
    functions = "".join(_function("_harness_", command) for command in commands[1:])
    top = _with_commands("_harness", commands[0], commands[1:])
    return f"{_HEAD.replace('@TAGS@', TAGS)}{functions}{top}{_TAIL}"


def _function(before: str, command: Command) -> str:
    name = f"{before}{command.name}"
    if command.actions:
        inner = "".join(_function(f"{name}_", action) for action in command.actions)
        return inner + _with_commands(name, command, command.actions)
    lines = [*_options(command), *_place(command.takes)]
    return f"{name}() {{\n  _arguments -s {' '.join(lines)}\n}}\n\n"


def _with_commands(name: str, command: Command, commands: Sequence[Command]) -> str:
    """Return a function that completes command names and delegates each command's arguments to its own
    function.
    """
    described = "".join(f"\n    '{each.name}:{each.help.replace(':', '')}'" for each in commands)
    return f"""{name}() {{
  local context state line
  local -a commands
  commands=({described}
  )
  _arguments -C {" ".join(_options(command))} ':command:->command' '*::argument:->argument'
  case $state in
    command) _describe command commands ;;
    argument) (( $+functions[{name}_$line[1]] )) && {name}_$line[1] ;;
  esac
}}

"""


def _options(command: Command) -> Iterator[str]:
    for option in command.options:
        for name in option.names:
            yield f"\\\n    '{_form(name, option)}'"


def _form(name: str, option: Option) -> str:
    if option.takes.kind == "none":
        return f"{name}[{option.help}]"
    return f"{name}{'=' if name.startswith('--') else ''}[{option.help}]:value:{_action(option.takes)}"


def _place(takes: Takes) -> Iterator[str]:
    if takes.kind != "none":
        yield f"\\\n    '*:argument:{_action(takes)}'"


def _action(takes: Takes) -> str:
    if takes.kind == "words":
        return f"({' '.join(takes.words)})"
    return {"files": "_files", "tags": "_harness_tags"}.get(takes.kind, " ")
