"""Parsers of the commands that check, and of those that look."""

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
        "validate", help="check scenario files and their templates without running anything"
    )
    add_paths(validate)
    validate.add_argument(
        "--warnings", action="store_true", help="also show what cfn-lint only warns of in the templates"
    )
    validate.set_defaults(command=command("validate"))


def add_lint(sub: Commands) -> None:
    """Add `harness lint`."""
    lint = sub.add_parser("lint", help="check definitions and templates by themselves, as AWS does")
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
        help="text: file:line:column for people (default); github: the commands of GitHub Actions",
    )
    lint.set_defaults(command=command("lint", "lint"))


def add_gate(sub: Commands) -> None:
    """Add `harness gate`."""
    gate = sub.add_parser("gate", help="say if this commit may be deployed on what is running now")
    add_paths(gate)
    base = gate.add_mutually_exclusive_group()
    base.add_argument(
        "--base", metavar="REF", help="the commit that is deployed now: a branch, a tag or a hash"
    )
    base.add_argument(
        "--base-template", type=Path, metavar="FILE", help="the template that is deployed now, as a file"
    )
    gate.add_argument(
        "--budget", metavar="TIME", help="real time that it may take, such as 90s or 2m (default: 5m)"
    )
    for option, summary in (
        ("--markdown", "a summary as Markdown"),
        ("--sarif", "the findings as SARIF 2.1.0"),
        ("--junit-xml", "the findings as JUnit XML"),
        ("--json", "all that was found as JSON"),
    ):
        gate.add_argument(option, type=output_file, metavar="FILE", help=f"also write {summary}; - is stdout")
    gate.add_argument(
        "--write-baseline",
        type=output_file,
        metavar="FILE",
        help="accept what is found now: write entries to review, for [tool.harness.gate] baseline",
    )
    gate.add_argument(
        "-n",
        type=workers,
        default="auto",
        metavar="N",
        help="play in so many processes side by side (default: auto, as many as there are CPUs)",
    )
    add_settings(gate)
    gate.set_defaults(command=command("gate", "gate"))


def add_replay(sub: Commands) -> None:
    """Add `harness replay`."""
    replay = sub.add_parser(
        "replay", help="play recorded executions again with their definitions of now, and compare"
    )
    add_histories(replay, "*", "PATH", " (default: histories/)")
    for name, summary in (("json", "all differences as JSON"), ("junit", "the histories as JUnit XML")):
        replay.add_argument(
            f"--{name}", type=output_file, metavar="FILE", help=f"also write {summary}; - is stdout"
        )
    replay.add_argument(
        "--real",
        action="store_true",
        help="let the project's functions do their work again, on the embedded engine, and compare that",
    )
    replay.add_argument(
        "--seed",
        type=Path,
        metavar="FILE",
        help="a scenario whose seed, stack, hosts, calls, answers and tasks are there (--real, --until)",
    )
    replay.add_argument(
        "--until",
        type=natural,
        metavar="EVENT",
        help="play one history on the embedded engine up to this event, and stay there until Ctrl-C",
    )
    replay.add_argument(
        "--break",
        dest="stop",
        type=natural,
        metavar="EVENT",
        help="as --until, and ask there what to do: see the input, the variables and the history, step on",
    )
    replay.add_argument(
        "--ignore",
        action="append",
        default=[],
        metavar="PATH",
        help="do not compare the values at the end of this path: payment.id, items[*].at; may be repeated",
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
    projects = sub.add_parser(
        "projects", help="show the workflows of a checkout, and what would be done with each"
    )
    projects.add_argument("folder", nargs="?", type=Path, default=Path(), help="default: this folder")
    projects.set_defaults(command=command("projects"))
    add_settings(projects)


def add_config(sub: Commands) -> None:
    """Add `harness config`."""
    config = sub.add_parser("config", help="show each setting, its value, and where it comes from")
    config.add_argument(
        "path", nargs="?", type=Path, metavar="PATH", help="a scenario or a folder (default: the current one)"
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
