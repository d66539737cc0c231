"""The command-line reference as Markdown, generated from the parser."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator

from harness.cli.arguments import parsers
from harness.cli.examples import EXAMPLES

Action = argparse.Action


def reference() -> str:
    """A section for each command: description, arguments, options and examples."""
    _, commands = parsers()
    helps = {choice.dest: choice.help or "" for choice in commands._choices_actions}
    sections = (section(name, parser, helps[name]) for name, parser in commands.choices.items())
    return "\n".join("\n".join(lines) for lines in sections)


def section(name: str, parser: argparse.ArgumentParser, help: str) -> Iterator[str]:
    """The section for a command, followed by the sections for its subcommands."""
    yield from (f"## harness {name}", "", f"{_sentence(help)}", "")
    inner = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    listed = [action for action in parser._actions if _is_listed(action)]
    if listed:
        yield from ("| argument | meaning |", "|---|---|")
        yield from (f"| {_names(action)} | {_meaning(action, parser)} |" for action in listed)
        yield ""
    if examples := EXAMPLES.get(name):
        yield from ("```bash", *examples, "```", "")
    for actions in inner:
        for choice in actions._choices_actions:
            yield from section(f"{name} {choice.dest}", actions.choices[choice.dest], choice.help or "")


def _is_listed(action: Action) -> bool:
    others = (argparse._HelpAction, argparse._SubParsersAction)
    return action.help is not argparse.SUPPRESS and not isinstance(action, others)


def _names(action: Action) -> str:
    """`-n N`, `--engine NAME`; for an argument `PATH...`."""
    value = "" if action.nargs == 0 else _value(action)
    if not action.option_strings:
        return f"`{value}`"
    return ", ".join(f"`{f'{option} {value}'.strip()}`" for option in action.option_strings)


def _value(action: Action) -> str:
    word = action.metavar
    if isinstance(word, tuple):
        return " ".join(word)
    if word is None:
        word = "{" + ",".join(map(str, action.choices)) + "}" if action.choices else action.dest.upper()
    return {"*": f"[{word}...]", "+": f"{word}...", "?": f"[{word}]"}.get(str(action.nargs), word)


def _meaning(action: Action, parser: argparse.ArgumentParser) -> str:
    """The help text with its placeholders filled in, in one table cell."""
    given = {**vars(action), "prog": parser.prog}
    if action.choices is not None:
        given["choices"] = ", ".join(map(str, action.choices))
    text = " ".join(((action.help or "") % given).split())
    return _code(text).replace("|", "\\|")


def _code(text: str) -> str:
    """Escape `<`, which starts a tag in Markdown, and `*`, which marks emphasis; both only outside code."""
    parts = re.split(r"(`[^`]*`)", text)
    return "".join(part if part.startswith("`") else re.sub(r"([<*_\[])", r"\\\1", part) for part in parts)


def _sentence(help: str) -> str:
    return f"{help[:1].upper()}{_code(help[1:])}."
