"""Command-line parser."""

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
    """Parse the arguments. `command` is the function to call. If they are invalid, exit with status 2."""
    parser, sub = parsers()
    before = parser._option_string_actions
    if argv and argv[0].startswith("-") and argv[0] not in before:
        parser.error(f"unknown option {argv[0]!r} before the command; put options after the command")
    if argv and not argv[0].startswith("-") and argv[0] not in sub.choices:
        from harness.scenario.wording import nearest  # noqa: PLC0415  (pydantic takes a while to import)

        parser.error(f"unknown command {argv[0]!r}; {nearest(argv[0], sub.choices, 'commands')}")
    argv, command = _apart(list(argv))
    arguments, unknown = parser.parse_known_args(argv)
    arguments.call = command
    chosen: Parser = sub.choices[argv[0]]
    if problem := _unknown(unknown, chosen) or _move_scenarios(arguments) or _conflict(arguments):
        chosen.error(problem)
    return arguments


def parsers() -> tuple[Parser, Commands]:
    """Return the top-level parser and the command subparsers."""
    parser = Parser(prog="harness", description="Tests AWS Step Functions workflows with scenario files.")
    parser.add_argument("--version", action=_Version)
    sub = parser.add_subparsers(required=True, metavar="COMMAND")
    for add in COMMANDS:
        add(sub)
    return parser, sub


def _apart(argv: list[str]) -> tuple[list[str], list[str] | None]:
    """Remove the command after `--` from the arguments of `harness up`, and return it; None without `--`."""
    if argv[:1] != ["up"] or "--" not in argv:
        return argv, None
    at = argv.index("--")
    return argv[:at], argv[at + 1 :]


def _unknown(unknown: Sequence[str], command: Parser) -> str:
    """Return a sentence about arguments that a command does not support; "" if there are none."""
    if not unknown:
        return ""
    word = next((each for each in unknown if each.startswith("-")), unknown[0])
    if not word.startswith("-"):
        return f"unrecognized arguments: {' '.join(unknown)}"
    name = word.partition("=")[0]
    near = get_close_matches(name, re.findall(r"--[\w-]+", command.format_usage()), 1)
    remedy = f"did you mean {near[0]}?" if near else "--help lists the options"
    return f"unknown option {name!r}; {remedy}"


class _Version(argparse.Action):
    """Print the relevant versions and exit."""

    def __init__(self, option_strings: Sequence[str], dest: str) -> None:
        super().__init__(
            option_strings,
            dest,
            nargs=0,
            help="show the versions of the harness, Python and the main dependencies, and exit",
        )

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
    """Return a sentence about options that cannot be combined; "" if all can."""
    given = vars(arguments)
    if given.get("seed") is not None and given.get("pairs") == 0:
        return "--seed selects the pairs for --pairs N; add --pairs, or omit --seed"
    keep = next((name for name in ("keep", "keep_failed") if given.get(name)), "")
    if keep and given["n"] > 1:
        option = f"--{keep.replace('_', '-')}"
        return (
            f"{option} leaves one engine running, but -n {given['n']} starts {given['n']}; omit one of them"
        )
    if undebugged := not_debugged(given):
        return undebugged
    if given.get("call") is not None and given.get("json"):
        return (
            "--json prints how to connect to the engine, but a command after -- receives this in environment "
            "variables; omit --json"
        )
    chosen = given.get("engines") or []
    if chosen and len(set(chosen)) < max(2, len(chosen)):
        return f"--engines {','.join(chosen)}: name two or more different engines, for example moto,ministack"
    reports = dict.fromkeys([*(each.name for each in FORMATS), "markdown", "sarif"])
    stdout = [f"--{name}" for name in reports if given.get(name) == STDOUT]
    if len(stdout) > 1:
        return f"{' and '.join(stdout)} cannot both be written to stdout (-); name a file for one of them"
    return ""


def _move_scenarios(arguments: argparse.Namespace) -> str:
    """Treat arguments after --coverage that are not coverage files as scenarios."""
    given: list[Path] = getattr(arguments, "coverage", None) or []
    others = [path for path in given if path.suffix not in COVERAGE_FILES]
    if others and not hasattr(arguments, "paths"):
        return (
            f"{others[0]} is not a valid file for --coverage: its name must end in "
            f"{', '.join(COVERAGE_FILES)}"
        )
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
