"""The commands, their options, and the possible values of each option."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from harness.engine import ENGINES
from harness.expect import BUILT_IN
from harness.functions.faults import KINDS

Kind: TypeAlias = Literal["none", "files", "tags", "value", "words"]
_FILES: Final = ("FILE", "FILE.zip", "PATH", "SCENARIO", "BUNDLE", "folder")
"""Names of option values that are files or folders."""


@dataclass(frozen=True)
class Takes:
    """The values of an option or a positional argument: none, files, tags, any value, or fixed words."""

    kind: Kind = "none"
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class Option:
    """An option. `names` are its spellings; `help` is its one-line description."""

    names: tuple[str, ...]
    help: str
    takes: Takes


@dataclass(frozen=True)
class Command:
    """A command, or `` for the arguments before any command."""

    name: str
    help: str
    options: tuple[Option, ...]
    takes: Takes
    actions: tuple[Command, ...] = ()


def commands_of(parser: argparse.ArgumentParser, sub: argparse._SubParsersAction[Any]) -> list[Command]:
    """Return the commands of a parser. The first one stands for the arguments before any command."""
    names = tuple(sub.choices)
    before = Command("", "", tuple(_options(parser)), Takes("words", names))
    return [before, *_commands(sub)]


def _commands(sub: argparse._SubParsersAction[Any]) -> Iterator[Command]:
    helps = {action.dest: action.help or "" for action in sub._choices_actions}
    for name, parser in sub.choices.items():
        actions = [each for each in parser._actions if isinstance(each, argparse._SubParsersAction)]
        places = [each for each in parser._actions if not each.option_strings and each not in actions]
        inner = tuple(command for each in actions for command in _commands(each))
        named = Takes("words", tuple(each.name for each in inner)) if inner else Takes()
        takes = _takes(places[0]) if places else named
        yield Command(name, _plain(helps.get(name, "")), tuple(_options(parser)), takes, inner)


def _options(parser: argparse.ArgumentParser) -> Iterator[Option]:
    for action in parser._actions:
        if action.option_strings:
            yield Option(tuple(action.option_strings), _plain(action.help or ""), _takes(action))


def _takes(action: argparse.Action) -> Takes:
    if action.nargs == 0:
        return Takes()
    if action.choices is not None:
        return Takes("words", tuple(map(str, action.choices)))
    if action.dest in (words := _words()):
        return Takes("words", tuple(words[action.dest]))
    if action.dest == "m":
        return Takes("tags")
    metavar = action.metavar if isinstance(action.metavar, str) else action.dest
    return Takes("files" if metavar in _FILES else "value")


def _words() -> Mapping[str, Sequence[str]]:
    engines = [engine.name for engine in ENGINES]
    return {
        "engine": engines,
        "engines": engines,
        "kind": [kind.key for kind in KINDS],
        "only": [each.key for each in BUILT_IN],
    }


def _plain(text: str) -> str:
    """Return help text as a single line that is safe in any shell."""
    return re.sub(r"[`'\"\\$\[\]]", "", text.replace("%%", "%").replace("%(prog)s", "harness"))


_AWK: Final = (
    'FNR == 1 { on = 0 } /^tags:/ { on = 1; sub(/^tags:/, ""); sub(/#.*/, ""); print; next } '
    'on && /^ *- / { sub(/^ *- */, ""); print; next } { on = 0 }'
)
TAGS: Final = (
    f"find scenarios -name '*.y*ml' -exec awk '{_AWK}' {{}} + 2>/dev/null | tr -s \"[],\\\"' \" '\\n'"
)
"""A command that prints the tags of the project's scenarios, one per line, in any shell."""
