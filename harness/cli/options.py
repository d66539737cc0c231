"""The command parser, and options shared by commands."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from harness.cli.option_values import natural, percentage, shard_of
from harness.printable import printable
from harness.settings import SETTINGS

if TYPE_CHECKING:
    from _typeshed import SupportsWrite

COVERAGE_FILES = (".info", ".lcov", ".xml", ".json")
"""File suffixes for --coverage: LCOV, LCOV, Cobertura, JSON."""


class Parser(argparse.ArgumentParser):
    """A parser that escapes arguments in its messages, and adds examples to the help."""

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        """Reject an invalid choice with the message used for other unknown words."""
        if action.choices is not None and value not in action.choices:
            from harness.scenario.wording import nearest  # noqa: PLC0415  (pydantic takes a while to import)

            remedy = nearest(str(value), map(str, action.choices), "choices")
            raise argparse.ArgumentError(action, f"unknown value {str(value)!r}; {remedy}")

    def error(self, message: str) -> NoReturn:
        """Print the usage, the error and the command that explains it, and exit with status 2."""
        from harness.explaining import with_codes  # noqa: PLC0415  (start-up)

        super().error(with_codes(message, "command-line"))

    def format_help(self) -> str:
        """Return the help."""
        from harness.cli.examples import examples_of  # noqa: PLC0415  (start-up)

        return super().format_help() + examples_of(self.prog)

    def _print_message(self, message: str, file: SupportsWrite[str] | None = None) -> None:
        super()._print_message(printable(message), file)


def add_histories(command: argparse.ArgumentParser, nargs: str, metavar: str, default: str = "") -> None:
    """Add the arguments of commands that read histories: the histories and their state machine definition."""
    command.add_argument(
        "paths",
        nargs=nargs,
        type=Path,
        metavar=metavar,
        help="files with histories in the format of `aws stepfunctions get-execution-history`, or "
        f"folders{default}",
    )
    command.add_argument(
        "--definition",
        type=Path,
        metavar="FILE",
        help="the definition in JSON or YAML, or the template that contains it (default: the project's)",
    )
    command.add_argument(
        "--machine",
        metavar="NAME",
        help="the logical ID of the state machine, if the history does not identify it",
    )


def add_listings(parser: Parser) -> None:
    """Add the arguments of `seed-from`."""
    parser.add_argument(
        "files",
        nargs="+",
        type=Path,
        metavar="FILE",
        help="an inventory (manifest.json, CSV, gzipped CSV, Parquet, ORC), or the output of `aws s3 ls "
        "--recursive` or `aws s3api list-objects-v2`; - is stdin",
    )
    parser.add_argument(
        "--output", type=Path, metavar="FILE", help="write a scenario (default: print the seed to stdout)"
    )
    parser.add_argument("--overwrite", action="store_true", help="overwrite an existing file")
    parser.add_argument("--keep-names", action="store_true", help="keep the names of buckets and keys")
    parser.add_argument("--bucket", metavar="NAME", help="the bucket, if the listing does not name it")
    parser.add_argument(
        "--into", metavar="ID", help="the logical ID of the bucket in the template that receives the objects"
    )
    parser.add_argument(
        "--columns",
        type=lambda text: [name.strip() for name in text.split(",")],
        default=[],
        metavar="NAMES",
        help="the columns of a CSV file without a manifest, separated by commas: Bucket,Key,Size",
    )


def add_paths(parser: Parser) -> None:
    """Add the scenarios."""
    parser.add_argument(
        "paths", nargs="*", type=Path, metavar="PATH", help="scenario files or folders (default: scenarios/)"
    )


def add_choosing(parser: Parser) -> None:
    """Add the options that select scenarios. The names are the same as in pytest."""
    add_keywords(
        parser, "select by keywords: a name matches part of a file's path, a title or a tag, ignoring case"
    )
    parser.add_argument("-m", metavar="EXPRESSION", help="select by tags: `slow and not aws`")
    parser.add_argument(
        "--last-failed",
        "--lf",
        action="store_true",
        help="select the scenarios that failed in their last run, or all if none failed",
    )
    add_shard(parser, "scenarios")


def add_keywords(parser: Parser, summary: str) -> None:
    """Add `-k`."""
    parser.add_argument(
        "-k", metavar="EXPRESSION", help=f"{summary}; combine names with and, or, not and parentheses"
    )


def add_shard(parser: Parser, parts: str) -> None:
    """Add `--shard`. `parts` is the noun for the items to divide."""
    parser.add_argument(
        "--shard",
        type=shard_of,
        metavar="K/N",
        help=f"the K-th of N parts of these {parts}, for parallel jobs, for example 1/4",
    )


def add_stopping(parser: Parser, when: str) -> None:
    """Add `-x` and `--maxfail`."""
    first = parser.add_mutually_exclusive_group()
    first.add_argument("-x", "--exitfirst", action="store_true", help="stop after the first failure")
    first.add_argument("--maxfail", type=natural, metavar="N", help=f"stop after N {when}")


def add_coverage(parser: Parser) -> None:
    """Add the options for state machine coverage."""
    parser.add_argument(
        "--coverage",
        nargs="*",
        type=Path,
        metavar="FILE",
        help="show the parts of the state machines that nothing reached, with scenario lines that would "
        f"reach them; also write the coverage to files: {', '.join(COVERAGE_FILES)}",
    )
    parser.add_argument(
        "--coverage-min",
        type=percentage,
        metavar="N",
        help="exit with 1 if the coverage of the state machines is below N percent",
    )


def add_code_coverage(parser: Parser) -> None:
    """Add the options for function code coverage."""
    parser.add_argument(
        "--cov",
        action="store_true",
        help="count the lines of function code that run, write coverage.py's data file and show its table; "
        "coverage.py's configuration selects the files and enables branch coverage",
    )
    parser.add_argument(
        "--cov-append",
        action="store_true",
        help="add to the existing data file, for example the file from unit tests",
    )
    parser.add_argument(
        "--cov-min",
        type=percentage,
        metavar="N",
        help="exit with 1 if coverage.py's total is below N percent (default: its fail_under)",
    )


def add_allow_skipped(parser: Parser) -> None:
    """Add `--allow-skipped`."""
    parser.add_argument(
        "--allow-skipped", action="store_true", help="exit with 0 even if every scenario was skipped"
    )


def add_settings(parser: Parser, but: str = "") -> None:
    """Add the options for all settings except one."""
    for setting in SETTINGS:
        if setting.option and setting.name != but:
            word = setting.name.rpartition("_")[2].upper()
            parser.add_argument(setting.option, dest=setting.name, metavar=word, help=setting.description)
