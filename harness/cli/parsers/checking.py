"""Parsers for commands that check or show something."""

from __future__ import annotations

from pathlib import Path

from harness.cli.option_values import (
    natural,
    output_file,
    workers,
)
from harness.cli.options import (
    add_choosing,
    add_histories,
    add_paths,
    add_settings,
)
from harness.cli.parsers.command import Commands, command


def add_validate(sub: Commands) -> None:
    """Add `harness validate`."""
    validate = sub.add_parser(
        "validate", help="check scenario files and their templates without running them"
    )
    add_paths(validate)
    validate.add_argument(
        "--warnings", action="store_true", help="also show cfn-lint warnings for the templates"
    )
    validate.set_defaults(command=command("validate"))


def add_lint(sub: Commands) -> None:
    """Add `harness lint`."""
    lint = sub.add_parser(
        "lint", help="check definitions and templates without scenarios, as AWS does on deployment"
    )
    lint.add_argument(
        "paths",
        nargs="+",
        type=Path,
        metavar="FILE",
        help="definitions (flow.asl.json or .yaml) and templates; - is stdin",
    )
    lint.add_argument(
        "--format",
        choices=("text", "json", "sarif", "github"),
        default="text",
        help="text: file:line:column for people (default); github: GitHub Actions workflow commands",
    )
    lint.set_defaults(command=command("lint", "lint"))


def add_gate(sub: Commands) -> None:
    """Add `harness gate`."""
    gate = sub.add_parser(
        "gate", help="check whether this commit can be deployed over the currently deployed one"
    )
    add_paths(gate)
    base = gate.add_mutually_exclusive_group()
    base.add_argument(
        "--base", metavar="REF", help="the currently deployed commit: a branch, a tag or a hash"
    )
    base.add_argument(
        "--base-template", type=Path, metavar="FILE", help="the file with the currently deployed template"
    )
    gate.add_argument(
        "--budget",
        metavar="TIME",
        help="limit for the duration in real time, such as 90s or 2m (default: 5m)",
    )
    for names, summary in (
        (("--markdown",), "a summary as Markdown"),
        (("--sarif",), "the findings as SARIF 2.1.0"),
        (("--junit", "--junit-xml"), "the findings as JUnit XML"),
        (("--json",), "all findings as JSON"),
    ):
        gate.add_argument(*names, type=output_file, metavar="FILE", help=f"also write {summary}; - is stdout")
    gate.add_argument(
        "--write-baseline",
        type=output_file,
        metavar="FILE",
        help="accept the current findings: write entries for [tool.harness.gate] baseline to this file, for "
        "review",
    )
    gate.add_argument(
        "-n",
        type=workers,
        default="auto",
        metavar="N",
        help="run scenarios in N parallel processes (default: auto, the number of CPUs)",
    )
    add_settings(gate)
    gate.set_defaults(command=command("gate", "gate"))


def add_replay(sub: Commands) -> None:
    """Add `harness replay`."""
    replay = sub.add_parser(
        "replay", help="replay recorded executions with the current definitions, and compare the histories"
    )
    add_histories(replay, "*", "PATH", " (default: histories/)")
    for name, summary in (("json", "all differences as JSON"), ("junit", "the histories as JUnit XML")):
        replay.add_argument(
            f"--{name}", type=output_file, metavar="FILE", help=f"also write {summary}; - is stdout"
        )
    replay.add_argument(
        "--real",
        action="store_true",
        help="also run the project's functions again, on the embedded engine, and compare their results",
    )
    replay.add_argument(
        "--seed",
        type=Path,
        metavar="FILE",
        help="a scenario that provides seed, stack, hosts, calls, answers and tasks (for --real, --until)",
    )
    replay.add_argument(
        "--until",
        type=natural,
        metavar="EVENT",
        help="replay one history on the embedded engine up to this event, and stay there until Ctrl-C",
    )
    replay.add_argument(
        "--break",
        dest="stop",
        type=natural,
        metavar="EVENT",
        help="like --until, with a prompt: inspect the input, the variables and the history, and step to "
        "other events",
    )
    replay.add_argument(
        "--ignore",
        action="append",
        default=[],
        metavar="PATH",
        help="exclude the values at paths that end like this from the comparison: payment.id, items[*].at; "
        "may be repeated",
    )
    replay.set_defaults(command=command("replay", "replay"))


def add_list(sub: Commands) -> None:
    """Add `harness list`."""
    listing = sub.add_parser("list", help="list scenarios with their titles and tags")
    add_paths(listing)
    add_choosing(listing)
    listing.set_defaults(command=command("show_list"))


def add_projects(sub: Commands) -> None:
    """Add `harness projects`."""
    projects = sub.add_parser("projects", help="show the workflows in a checkout, and how each one would run")
    projects.add_argument("folder", nargs="?", type=Path, default=Path(), help="default: this folder")
    projects.set_defaults(command=command("projects"))
    add_settings(projects)


def add_config(sub: Commands) -> None:
    """Add `harness config`."""
    config = sub.add_parser("config", help="show each setting, its value and its origin")
    config.add_argument(
        "path", nargs="?", type=Path, metavar="PATH", help="a scenario or a folder (default: this folder)"
    )
    add_settings(config)
    config.set_defaults(command=command("config"))


def add_explain(sub: Commands) -> None:
    """Add `harness explain`."""
    explain = sub.add_parser(
        "explain", help="explain an error, a rule, a limit, an expectation or an exit code"
    )
    explain.add_argument(
        "codes",
        nargs="*",
        metavar="CODE",
        help="a code such as States.Timeout, or a message in quotes (default: list the codes)",
    )
    explain.set_defaults(command=command("explain", "explain"))
