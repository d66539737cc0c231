"""The parser of commands, and the options that several of them have."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.cli.option_values import natural, percentage, shard_of
from harness.printable import printable
from harness.settings import SETTINGS

if TYPE_CHECKING:
    from _typeshed import SupportsWrite

COVERAGE_FILES = (".info", ".lcov", ".xml", ".json")
"""The ends of the names of files that --coverage writes: LCOV, LCOV, Cobertura, JSON."""


class Parser(argparse.ArgumentParser):
    """A parser whose messages repeat arguments only as they may be printed, and whose help has examples."""

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        """Refuse what is none of the choices, as other words are refused."""
        if action.choices is not None and value not in action.choices:
            from harness.scenario.wording import nearest  # noqa: PLC0415  (pydantic takes a while to import)

            remedy = nearest(str(value), map(str, action.choices), "choices")
            raise argparse.ArgumentError(action, f"there is no {str(value)!r}; {remedy}")

    def format_help(self) -> str:
        """The help."""
        from harness.cli.examples import examples_of  # noqa: PLC0415  (start-up)

        return super().format_help() + examples_of(self.prog)

    def _print_message(self, message: str, file: SupportsWrite[str] | None = None) -> None:
        super()._print_message(printable(message), file)


def add_histories(command: argparse.ArgumentParser, nargs: str, metavar: str, default: str = "") -> None:
    """Add the arguments of commands that read histories: those, and the definition that they go with."""
    command.add_argument(
        "paths",
        nargs=nargs,
        type=Path,
        metavar=metavar,
        help="files with histories as `aws stepfunctions get-execution-history` prints them, or folders"
        f"{default}",
    )
    command.add_argument(
        "--definition",
        type=Path,
        metavar="FILE",
        help="the definition in JSON or YAML, or the template that has it (default: the project's)",
    )
    command.add_argument(
        "--machine",
        metavar="NAME",
        help="the logical id of the state machine, where the history alone does not tell it",
    )


def add_listings(parser: Parser) -> None:
    """Add the arguments of `seed-from`."""
    parser.add_argument(
        "files",
        nargs="+",
        type=Path,
        metavar="FILE",
        help="an inventory (manifest.json, CSV, gzipped CSV, Parquet, ORC), or what `aws s3 ls --recursive` "
        "or `aws s3api list-objects-v2` printed; - is stdin",
    )
    parser.add_argument(
        "--output", type=Path, metavar="FILE", help="write a scenario (default: the seed, to stdout)"
    )
    parser.add_argument("--overwrite", action="store_true", help="also where the file is there already")
    parser.add_argument("--keep-names", action="store_true", help="keep the names of buckets and keys")
    parser.add_argument("--bucket", metavar="NAME", help="the bucket, where the listing does not name it")
    parser.add_argument(
        "--into", metavar="ID", help="the bucket of the template that gets the objects, by its logical id"
    )
    parser.add_argument(
        "--columns",
        type=lambda text: [name.strip() for name in text.split(",")],
        default=[],
        metavar="NAMES",
        help="the columns of CSV without manifest, separated by commas: Bucket,Key,Size",
    )


def add_paths(parser: Parser) -> None:
    """Add the scenarios."""
    parser.add_argument(
        "paths", nargs="*", type=Path, metavar="PATH", help="scenario files or folders (default: scenarios/)"
    )


def add_choosing(parser: Parser) -> None:
    """Add the options that choose scenarios, spelt as pytest spells them."""
    add_keywords(parser, "choose by keywords: a name is part of a file's path, a title or a tag, in any case")
    parser.add_argument("-m", metavar="EXPRESSION", help="choose by tags: `slow and not aws`")
    parser.add_argument(
        "--last-failed",
        "--lf",
        action="store_true",
        help="choose what failed when it was played last; all, where nothing is known to have failed",
    )
    add_shard(parser, "scenarios")


def add_keywords(parser: Parser, summary: str) -> None:
    """Add `-k`."""
    parser.add_argument("-k", metavar="EXPRESSION", help=f"{summary}; and, or, not and parentheses combine")


def add_shard(parser: Parser, parts: str) -> None:
    """Add `--shard`; `parts` are what is divided."""
    parser.add_argument(
        "--shard",
        type=shard_of,
        metavar="K/N",
        help=f"the K-th of N parts of these {parts}, for jobs that run side by side, such as 1/4",
    )


def add_stopping(parser: Parser, when: str) -> None:
    """Add `-x` and `--maxfail`."""
    first = parser.add_mutually_exclusive_group()
    first.add_argument("-x", "--exitfirst", action="store_true", help="stop after the first failure")
    first.add_argument("--maxfail", type=natural, metavar="N", help=f"stop when N {when}")


def add_coverage(parser: Parser) -> None:
    """Add the options of the coverage of state machines."""
    parser.add_argument(
        "--coverage",
        nargs="*",
        type=Path,
        metavar="FILE",
        help="show what the state machines can do and nothing reached, with the lines of a scenario that "
        f"would reach it; also write it to files: {', '.join(COVERAGE_FILES)}",
    )
    parser.add_argument(
        "--coverage-min",
        type=percentage,
        metavar="N",
        help="end with 1 when less than N percent of what the state machines can do was reached",
    )


def add_code_coverage(parser: Parser) -> None:
    """Add the options of the coverage of functions' code."""
    parser.add_argument(
        "--cov",
        action="store_true",
        help="count the lines of functions' code that run, write coverage.py's data file and show its table; "
        "its configuration says what counts, and whether branches do",
    )
    parser.add_argument(
        "--cov-append", action="store_true", help="add to the data file that is there, such as a unit test's"
    )
    parser.add_argument(
        "--cov-min",
        type=percentage,
        metavar="N",
        help="end with 1 when coverage.py's total is less than N percent (default: its fail_under)",
    )


def add_allow_skipped(parser: Parser) -> None:
    """Add `--allow-skipped`."""
    parser.add_argument(
        "--allow-skipped", action="store_true", help="end with 0 also when every scenario was skipped"
    )


def add_settings(parser: Parser, but: str = "") -> None:
    """Add the options that are settings, except for one."""
    for setting in SETTINGS:
        if setting.option and setting.name != but:
            word = setting.name.rpartition("_")[2].upper()
            parser.add_argument(setting.option, dest=setting.name, metavar=word, help=setting.description)
