"""The parser of the command line."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from difflib import get_close_matches
from importlib import metadata
from pathlib import Path
from typing import NoReturn

from harness.cli.debug_options import not_debugged
from harness.cli.option_values import (
    output_file,
)
from harness.cli.options import (
    COVERAGE_FILES,
    Parser,
)
from harness.cli.parsers import checking, engines, playing, writing
from harness.cli.parsers.command import Commands
from harness.printable import say
from harness.report import FORMATS, STDOUT


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """The arguments; `command` in them is the function to call. Exits with 2 when they are wrong."""
    parser, sub = parsers()
    before = parser._option_string_actions
    if argv and argv[0].startswith("-") and argv[0] not in before:
        parser.error(f"there is no option {argv[0]!r} before the command; write options behind it")
    if argv and not argv[0].startswith("-") and argv[0] not in sub.choices:
        from harness.scenario.wording import nearest  # noqa: PLC0415  (pydantic takes a while to import)

        parser.error(f"there is no command named {argv[0]!r}; {nearest(argv[0], sub.choices, 'commands')}")
    argv, command = _apart(list(argv))
    arguments, unknown = parser.parse_known_args(argv)
    arguments.call = command
    chosen: Parser = sub.choices[argv[0]]
    if problem := _unknown(unknown, chosen) or _move_scenarios(arguments) or _conflict(arguments):
        chosen.error(problem)
    return arguments


def parsers() -> tuple[Parser, Commands]:
    """The parser, and those of the commands."""
    parser = Parser(prog="harness", description="Proves AWS Step Functions workflows from scenario files.")
    parser.add_argument("--version", action=_Version)
    sub = parser.add_subparsers(required=True, metavar="COMMAND")
    for add in COMMANDS:
        add(sub)
    return parser, sub


def _apart(argv: list[str]) -> tuple[list[str], list[str] | None]:
    """Take the command after `--` from the arguments of `harness up`; None where there is no `--`."""
    if argv[:1] != ["up"] or "--" not in argv:
        return argv, None
    at = argv.index("--")
    return argv[:at], argv[at + 1 :]


def _unknown(unknown: Sequence[str], command: Parser) -> str:
    """A sentence about arguments that a command does not have; "" for none."""
    if not unknown:
        return ""
    word = next((each for each in unknown if each.startswith("-")), unknown[0])
    if not word.startswith("-"):
        return f"unrecognized arguments: {' '.join(unknown)}"
    name = word.partition("=")[0]
    near = get_close_matches(name, re.findall(r"--[\w-]+", command.format_usage()), 1)
    remedy = f"did you mean {near[0]}?" if near else "--help lists the options"
    return f"there is no option {name!r}; {remedy}"


class _Version(argparse.Action):
    """Prints the versions that matter, and ends."""

    def __init__(self, option_strings: Sequence[str], dest: str) -> None:
        super().__init__(option_strings, dest, nargs=0, help="show the versions of all that matters and exit")

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        import platform  # noqa: PLC0415  (start-up)

        names = ("moto", "boto3", "cfn-lint")
        others = ", ".join(f"{name} {metadata.version(name)}" for name in names)
        system = f"{platform.system()} {platform.machine()}"
        say(
            f"stepfunctions-harness {metadata.version('stepfunctions-harness')}",
            f"Python {platform.python_version()} on {system}; {others}",
        )
        parser.exit()


def _conflict(arguments: argparse.Namespace) -> str:
    """A sentence about options that do not go together; "" if all do."""
    given = vars(arguments)
    if given.get("seed") is not None and given.get("pairs") == 0:
        return "--seed chooses the pairs of --pairs N; give --pairs, too, or leave --seed out"
    keep = next((name for name in ("keep", "keep_failed") if given.get(name)), "")
    if keep and given["n"] > 1:
        option = f"--{keep.replace('_', '-')}"
        return (
            f"{option} leaves one engine running, and -n {given['n']} has {given['n']}; leave one of them out"
        )
    if undebugged := not_debugged(given):
        return undebugged
    if given.get("call") is not None and given.get("json"):
        return (
            "--json says how to reach the engine, and a command after -- has variables for that; leave it out"
        )
    chosen = given.get("engines") or []
    if chosen and len(set(chosen)) < max(2, len(chosen)):
        return f"--engines {','.join(chosen)}: name two or more different engines, such as moto,ministack"
    reports = dict.fromkeys([*(each.name for each in FORMATS), "markdown", "sarif", "junit_xml"])
    stdout = [f"--{name.replace('_', '-')}" for name in reports if given.get(name) == STDOUT]
    if len(stdout) > 1:
        return f"{' and '.join(stdout)} cannot both be written to stdout (-); name a file for one of them"
    return ""


def _move_scenarios(arguments: argparse.Namespace) -> str:
    """Take what comes after --coverage and is no file of it for scenarios, which may stand behind it."""
    given: list[Path] = getattr(arguments, "coverage", None) or []
    others = [path for path in given if path.suffix not in COVERAGE_FILES]
    if others and not hasattr(arguments, "paths"):
        return f"{others[0]} is no file for --coverage: its name must end in {', '.join(COVERAGE_FILES)}"
    if others:
        arguments.coverage = [path for path in given if path not in others]
        arguments.paths = [*arguments.paths, *others]
    for path in given:
        try:
            if path not in others:
                output_file(str(path))
        except argparse.ArgumentTypeError as error:
            return f"argument --coverage: {error}"
    return ""


COMMANDS = (
    writing.add_init,
    playing.add_run,
    playing.add_watch,
    checking.add_validate,
    checking.add_lint,
    checking.add_gate,
    checking.add_list,
    checking.add_explain,
    engines.add_up,
    checking.add_projects,
    engines.add_engines,
    playing.add_compare,
    playing.add_sweep,
    checking.add_replay,
    writing.add_import,
    writing.add_seed_from,
    writing.add_record,
    checking.add_config,
    writing.add_schema,
    writing.add_completion,
)
