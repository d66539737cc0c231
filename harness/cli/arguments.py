"""What can be said on the command line."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path

from harness.cli import commands


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """The arguments; `command` in them is the function to call. Exits with 2 when they are wrong."""
    parser = argparse.ArgumentParser(
        prog="harness", description="Proves AWS Step Functions workflows from scenario files."
    )
    parser.add_argument("--version", action="version", version=metadata.version("stepfunctions-harness"))
    sub = parser.add_subparsers(required=True, metavar="COMMAND")

    run = sub.add_parser("run", help="run scenarios and compare what they leave with what they expect")
    _paths(run)
    _engine(run)
    run.add_argument("--json", type=Path, metavar="FILE", help="also write the results as JSON")
    run.add_argument("--junit", type=Path, metavar="FILE", help="also write the results as JUnit XML")
    run.add_argument("--keep", action="store_true", help="leave the engine running after the last scenario")
    run.add_argument("-v", "--verbose", action="store_true", help="show whole logs and every path")
    run.set_defaults(command=commands.run)

    validate = sub.add_parser("validate", help="check scenario files without running anything")
    _paths(validate)
    validate.set_defaults(command=commands.validate)

    listing = sub.add_parser("list", help="list scenarios with their titles and tags")
    _paths(listing)
    listing.set_defaults(command=commands.show_list)

    up = sub.add_parser("up", help="start an engine, seed and deploy a scenario, and stay until Ctrl-C")
    up.add_argument("path", nargs="?", type=Path, metavar="SCENARIO", help="without it the engine is empty")
    _engine(up)
    up.add_argument("--json", action="store_true", help="print one line of JSON when all is ready")
    up.set_defaults(command=commands.up)

    engines = sub.add_parser("engines", help="show which engines work here, which do not, and why")
    engines.set_defaults(command=commands.engines)

    schema = sub.add_parser("schema", help="print the JSON Schema of scenario files")
    schema.set_defaults(command=commands.schema)
    return parser.parse_args(argv)


def _paths(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "paths", nargs="*", type=Path, metavar="PATH", help="scenario files or folders (default: scenarios/)"
    )


def _engine(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--engine", metavar="NAME", help="where to run (default: moto; see harness engines)")
