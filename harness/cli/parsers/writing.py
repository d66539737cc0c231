"""Parsers for commands that write files."""

from __future__ import annotations

from pathlib import Path

from harness.cli.options import (
    add_histories,
    add_listings,
    add_settings,
)
from harness.cli.parsers.command import Commands, command


def add_init(sub: Commands) -> None:
    """Add `harness init`."""
    init = sub.add_parser(
        "init", help="create a project in this folder: settings, a first scenario, the schema; or an example"
    )
    init.add_argument(
        "--template",
        type=Path,
        metavar="FILE",
        help="the template or definition to use, if there are several",
    )
    init.add_argument("--machine", metavar="NAME", help="the logical ID of the state machine to run")
    add_settings(init)
    init.set_defaults(command=command("init", "init"))


def add_import(sub: Commands) -> None:
    """Add `harness import`."""
    import_ = sub.add_parser(
        "import", help="create a scenario from recorded executions, without confidential values"
    )
    add_histories(import_, "+", "FILE")
    import_.add_argument(
        "--output",
        type=Path,
        metavar="FILE",
        help="the scenario file (default: in scenarios/, named after the outcome)",
    )
    for name, summary in (
        ("keep-names", "keep the names of resources, accounts, addresses and IDs"),
        ("keep-data", "keep payload values and error causes"),
        ("stubbed", "replace all tasks with stand-ins, including the project's functions"),
    ):
        import_.add_argument(f"--{name}", action="store_true", help=summary)
    import_.set_defaults(command=command("import_", "importing"))


def add_seed_from(sub: Commands) -> None:
    """Add `harness seed-from`."""
    seed_from = sub.add_parser(
        "seed-from",
        help="create the seed of a scenario from an S3 Inventory, or from the output of `aws s3 ls`",
    )
    add_listings(seed_from)
    seed_from.set_defaults(command=command("seed_from", "seed_from"))


def add_record(sub: Commands) -> None:
    """Add `harness record`."""
    record = sub.add_parser(
        "record", help="write the expectations of scenarios by running each one in two worlds"
    )
    record.add_argument(
        "paths", nargs="+", type=Path, metavar="PATH", help="scenarios or folders; `expect` may be missing"
    )
    record.add_argument(
        "--update",
        action="store_true",
        help="replace entries that fail; without this option, only missing entries are added",
    )
    record.add_argument("--diff", action="store_true", help="show the changes without writing them")
    record.add_argument(
        "--only",
        type=lambda text: text.split(","),
        default=[],
        metavar="KEYS",
        help="keys of `expect` to write, separated by commas (default: all)",
    )
    add_settings(record)
    record.set_defaults(command=command("record", "record"))


def add_schema(sub: Commands) -> None:
    """Add `harness schema`."""
    schema = sub.add_parser("schema", help="print the JSON Schema of scenario files")
    schema.set_defaults(command=command("schema"))


def add_completion(sub: Commands) -> None:
    """Add `harness completion`."""
    completion = sub.add_parser("completion", help="print a shell script that completes commands and options")
    completion.add_argument("shell", choices=("bash", "zsh", "fish"))
    completion.set_defaults(command=command("completion", "completing"))
