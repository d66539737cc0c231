"""The script for bash 3.2 (the version on macOS) and later."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from harness.cli.completing.words import TAGS, Command, Takes

_HEAD: Final = """\
# Completion of harness for bash. Made by: harness completion bash
_harness_tags() {
  @TAGS@
}

# Words that an option takes, or a place behind the command; or %files, %tags, %value, %none.
_harness_takes() {
  case "$1 $2" in
"""
_TAIL: Final = """\
    *) echo '%none' ;;
  esac
}

_harness() {
  local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} command='' word takes i
  COMPREPLY=()
  if [[ $current == '=' ]]; then current=''
  elif [[ $before == '=' ]]; then before=${COMP_WORDS[COMP_CWORD-2]}
  fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=${COMP_WORDS[i]}
    [[ $word == '--' && $command == up ]] && return
    if [[ -z $command && $word != -* ]]; then command=$word
    elif [[ $command == engines && ( $word == install || $word == uninstall ) ]]; then command="engines/$word"
    fi
  done
  takes=$(_harness_takes "$command" "$before")
  if [[ $takes == '%none' ]]; then
    if [[ $current == -* ]]; then takes=$(_harness_options "$command")
    else takes=$(_harness_takes "$command" '(place)')
    fi
  fi
  case "$takes" in
    '%files') return ;;  # bash completes those itself, see -o default
    '%tags') takes=$(_harness_tags) ;;
    '%value' | '%none') takes='' ;;
  esac
  compopt +o default 2>/dev/null
  local IFS=$' \\t\\n'
  COMPREPLY=($(compgen -W "$takes" -- "$current"))
}

complete -o default -F _harness harness
"""


def bash_script(commands: Sequence[Command]) -> str:
    """Return the script."""
    every = [("", commands[0]), *_named(commands[1:])]
    takes = "".join(line for name, command in every for line in _cases(name, command))
    options = "".join(f"    '{name}') echo '{_names(command)}' ;;\n" for name, command in every)
    listed = f'_harness_options() {{\n  case "$1" in\n{options}  esac\n}}\n'
    head, end = _TAIL.split("\n}\n", 1)
    return f"{_HEAD.replace('@TAGS@', TAGS)}{takes}{head}\n}}\n\n{listed}{end}"


def _named(commands: Sequence[Command], before: str = "") -> Iterator[tuple[str, Command]]:
    for command in commands:
        yield f"{before}{command.name}", command
        yield from _named(command.actions, f"{command.name}/")


def _cases(name: str, command: Command) -> Iterator[str]:
    for option in command.options:
        if option.takes.kind != "none":
            pattern = " | ".join(f"'{name} {each}'" for each in option.names)
            yield f"    {pattern}) echo '{_shown(option.takes)}' ;;\n"
    if command.takes.kind != "none":
        yield f"    '{name} (place)') echo '{_shown(command.takes)}' ;;\n"


def _shown(takes: Takes) -> str:
    return " ".join(takes.words) if takes.kind == "words" else f"%{takes.kind}"


def _names(command: Command) -> str:
    return " ".join(name for option in command.options for name in option.names)
