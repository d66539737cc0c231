"""The parser of the command line."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from importlib import import_module, metadata
from pathlib import Path
from typing import NoReturn, TypeAlias

from harness.cli.debug_options import add_debugging, add_debugpy, not_debugged
from harness.cli.option_values import (
    bundle_file,
    fault_kind,
    natural,
    number,
    output_file,
    port,
    web_origin,
    workers,
)
from harness.cli.options import (
    COVERAGE_FILES,
    Parser,
    add_allow_skipped,
    add_choosing,
    add_code_coverage,
    add_coverage,
    add_histories,
    add_keywords,
    add_listings,
    add_paths,
    add_settings,
    add_shard,
    add_stopping,
)
from harness.engine.localstack.install import VERSIONS
from harness.functions.host.pythons import INSTALLABLE as PYTHONS
from harness.printable import say
from harness.report import FORMATS, STDOUT

INSTALLABLE = ("localstack", *(f"python{version}" for version in PYTHONS))
"""The names that `engines install` takes."""
Commands: TypeAlias = "argparse._SubParsersAction[Parser]"


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


def _command(name: str, module: str = "commands") -> Callable[[argparse.Namespace], int]:
    """A command of `harness.cli.commands`, or of another module beside it, which is imported when it runs.

    The modules take a while to import, and not every command needs all that they do.
    """

    def run(arguments: argparse.Namespace) -> int:
        command: Callable[[argparse.Namespace], int] = getattr(import_module(f"harness.cli.{module}"), name)
        return command(arguments)

    return run


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
    engines = given.get("engines") or []
    if engines and len(set(engines)) < max(2, len(engines)):
        return f"--engines {','.join(engines)}: name two or more different engines, such as moto,ministack"
    reports = dict.fromkeys([*(each.name for each in FORMATS), "markdown", "sarif", "junit_xml"])
    stdout = [f"--{name.replace('_', '-')}" for name in reports if given.get(name) == STDOUT]
    if len(stdout) > 1:
        return f"{' and '.join(stdout)} cannot both be written to stdout (-); name a file for one of them"
    return ""


def _run(sub: Commands) -> None:
    run = sub.add_parser("run", help="run scenarios and compare what they leave with what they expect")
    add_paths(run)
    add_choosing(run)
    add_stopping(run, "scenarios have failed")
    add_settings(run)
    for each in FORMATS:
        run.add_argument(
            f"--{each.name}",
            type=output_file,
            metavar="FILE",
            help=f"also write the {each.summary}; - is stdout",
        )
    run.add_argument(
        "--iam-report", action="store_true", help="list the permissions of the template that nothing used"
    )
    add_coverage(run)
    add_code_coverage(run)
    add_debugging(run)
    add_allow_skipped(run)
    run.add_argument(
        "-n",
        type=workers,
        default=1,
        metavar="N",
        help="play scenarios in so many processes side by side; auto: as many as there are CPUs (default: 1)",
    )
    run.add_argument(
        "--twice",
        action="store_true",
        help="play every scenario two times, on two engines, and fail where the second run is not the same",
    )
    run.add_argument("--keep", action="store_true", help="leave the engine running after the last scenario")
    run.add_argument(
        "--keep-failed",
        action="store_true",
        help="stop after the first failure, and leave the engine running as it was left",
    )
    run.add_argument(
        "--durations",
        type=number,
        metavar="N",
        help="show the N slowest scenarios, and what took their time; 0 shows all",
    )
    run.add_argument(
        "-v",
        "--verbose",
        action="store_true",
        help="show all that happened as a tree, whole logs of functions, and messages",
    )
    run.add_argument(
        "--bundle",
        type=bundle_file,
        metavar="FILE.zip",
        help="also write all of it into one file, which `harness run FILE.zip` plays again anywhere: "
        "scenarios, templates, code, versions, histories, logs",
    )
    run.set_defaults(command=_command("run", "bundles"))


def _watch(sub: Commands) -> None:
    watch = sub.add_parser("watch", help="play scenarios again whenever a file that they read is saved")
    add_paths(watch)
    add_choosing(watch)
    add_stopping(watch, "scenarios have failed")
    add_settings(watch)
    watch.add_argument("-v", "--verbose", action="store_true", help="as with run")
    off = dict.fromkeys(("coverage", "coverage_min", "durations", *(each.name for each in FORMATS)))
    watch.set_defaults(
        command=_command("watch", "watch"),
        allow_skipped=True,
        iam_report=False,
        keep=False,
        keep_failed=False,
        **off,
    )


def _validate(sub: Commands) -> None:
    validate = sub.add_parser(
        "validate", help="check scenario files and their templates without running anything"
    )
    add_paths(validate)
    validate.add_argument(
        "--warnings", action="store_true", help="also show what cfn-lint only warns of in the templates"
    )
    validate.set_defaults(command=_command("validate"))


def _lint(sub: Commands) -> None:
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
    lint.set_defaults(command=_command("lint", "lint"))


def _gate(sub: Commands) -> None:
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
    gate.set_defaults(command=_command("gate", "gate"))


def _list(sub: Commands) -> None:
    listing = sub.add_parser("list", help="list scenarios with their titles and tags")
    add_paths(listing)
    add_choosing(listing)
    listing.set_defaults(command=_command("show_list"))


def _up(sub: Commands) -> None:
    up = sub.add_parser(
        "up",
        help="start an engine, seed and deploy a scenario, and stay until Ctrl-C",
        usage="%(prog)s [OPTION ...] [SCENARIO] [-- COMMAND ...]",
        epilog="A COMMAND gets the variables that lead to the engine; when it ends, so does the engine, with "
        "its exit code.",
    )
    up.add_argument("path", nargs="?", type=Path, metavar="SCENARIO", help="without it the engine is empty")
    add_settings(up)
    up.add_argument("--json", action="store_true", help="print one line of JSON when all is ready")
    up.add_argument(
        "--clock",
        choices=("virtual", "real"),
        help="virtual: waiting takes no time; real: it does, so that an execution that waits can be stopped "
        "(default: the scenario's, else virtual)",
    )
    up.add_argument(
        "--port",
        type=port,
        default=0,
        metavar="N",
        help="serve on this port of 127.0.0.1 (default: a free one)",
    )
    up.add_argument(
        "--open", action="store_true", help="serve everybody on this machine, without the session token"
    )
    up.add_argument(
        "--cors",
        type=web_origin,
        action="append",
        default=[],
        metavar="ORIGIN",
        help="serve web pages of this origin, such as http://localhost:3000; may be repeated",
    )
    up.add_argument(
        "--reload", action="store_true", help="update the stack when its template or its code is saved"
    )
    add_debugpy(up)
    up.add_argument("--no-page", action="store_true", help="serve no page to look at the engine in a browser")
    up.set_defaults(command=_command("up"))


def _projects(sub: Commands) -> None:
    projects = sub.add_parser(
        "projects", help="show the workflows of a checkout, and what would be done with each"
    )
    projects.add_argument("folder", nargs="?", type=Path, default=Path(), help="default: this folder")
    projects.set_defaults(command=_command("projects"))
    add_settings(projects)


def _engines(sub: Commands) -> None:
    engines = sub.add_parser("engines", help="show which engines work here, which do not, and why")
    engines.set_defaults(command=_command("engines"))
    add_settings(engines, but="engine")
    actions = engines.add_subparsers(metavar="ACTION")
    install = actions.add_parser(
        "install", help="install LocalStack, or make a Python ready on which functions run as declared"
    )
    install.add_argument("what", choices=INSTALLABLE, metavar="WHAT", help=", ".join(INSTALLABLE))
    install.add_argument("--version", choices=VERSIONS, help=f"of LocalStack (default: {VERSIONS[0]})")
    install.set_defaults(command=_command("install"))
    uninstall = actions.add_parser("uninstall", help="remove what install has made")
    uninstall.add_argument("what", choices=INSTALLABLE, metavar="WHAT", help="as of install")
    uninstall.add_argument("--version", choices=VERSIONS, help="of LocalStack (default: all)")
    uninstall.set_defaults(command=_command("uninstall"))


def _compare(sub: Commands) -> None:
    compare = sub.add_parser("compare", help="run scenarios on several engines and show where they differ")
    add_paths(compare)
    add_choosing(compare)
    compare.add_argument(
        "--engines",
        type=lambda text: text.split(","),
        required=True,
        metavar="NAMES",
        help="separated by commas; the others are compared with the first",
    )
    add_settings(compare, but="engine")
    add_allow_skipped(compare)
    compare.add_argument(
        "--json", type=output_file, metavar="FILE", help="also write what differs as JSON; - is stdout"
    )
    compare.set_defaults(command=_command("compare"))


def _replay(sub: Commands) -> None:
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
    replay.set_defaults(command=_command("replay", "replay"))


def _import(sub: Commands) -> None:
    import_ = sub.add_parser(
        "import", help="make a scenario of recorded executions, without what is a company's own"
    )
    add_histories(import_, "+", "FILE")
    import_.add_argument(
        "--output",
        type=Path,
        metavar="FILE",
        help="the scenario (default: scenarios/ and a name made of the end)",
    )
    for name, summary in (
        ("keep-names", "keep the names of resources, accounts, addresses and ids"),
        ("keep-data", "keep the values of payloads, and causes"),
        ("stubbed", "let a stand-in answer every task, also those of functions that are here"),
    ):
        import_.add_argument(f"--{name}", action="store_true", help=summary)
    import_.set_defaults(command=_command("import_", "importing"))


def _init(sub: Commands) -> None:
    init = sub.add_parser(
        "init", help="begin a project in this folder: settings, a first scenario, the schema; or an example"
    )
    init.add_argument(
        "--template",
        type=Path,
        metavar="FILE",
        help="the template or definition to begin with, where there are several",
    )
    init.add_argument("--machine", metavar="NAME", help="the logical id of the state machine that runs start")
    add_settings(init)
    init.set_defaults(command=_command("init", "init"))


def _seed_from(sub: Commands) -> None:
    seed_from = sub.add_parser(
        "seed-from", help="make the seed of a scenario of an S3 Inventory, or of what `aws s3 ls` printed"
    )
    add_listings(seed_from)
    seed_from.set_defaults(command=_command("seed_from", "seed_from"))


def _record(sub: Commands) -> None:
    record = sub.add_parser("record", help="write what scenarios expect, from plays of them in two worlds")
    record.add_argument(
        "paths", nargs="+", type=Path, metavar="PATH", help="scenarios or folders; `expect` may be missing"
    )
    record.add_argument(
        "--update",
        action="store_true",
        help="write entries that do not hold, in place; without it entries that are not there are added",
    )
    record.add_argument("--diff", action="store_true", help="show what would be written, and write nothing")
    record.add_argument(
        "--only",
        type=lambda text: text.split(","),
        default=[],
        metavar="KEYS",
        help="keys of `expect` that are written, separated by commas (default: all)",
    )
    add_settings(record)
    record.set_defaults(command=_command("record", "record"))


def _config(sub: Commands) -> None:
    config = sub.add_parser("config", help="show each setting, its value, and where it comes from")
    config.add_argument(
        "path", nargs="?", type=Path, metavar="PATH", help="a scenario or a folder (default: the current one)"
    )
    add_settings(config)
    config.set_defaults(command=_command("config"))


def _schema(sub: Commands) -> None:
    schema = sub.add_parser("schema", help="print the JSON Schema of scenario files")
    schema.set_defaults(command=_command("schema"))


def _completion(sub: Commands) -> None:
    completion = sub.add_parser("completion", help="print what lets a shell complete commands and options")
    completion.add_argument("shell", choices=("bash", "zsh", "fish"))
    completion.set_defaults(command=_command("completion", "completing"))


def _sweep(sub: Commands) -> None:
    sweep = sub.add_parser("sweep", help="inject every fault, one at a time, and check the invariants")
    sweep.add_argument("path", type=Path, metavar="SCENARIO", help="the scenario that is swept")
    add_settings(sweep)
    add_coverage(sweep)
    sweep.add_argument(
        "--point",
        default="",
        metavar="TEXT",
        help="only the point of this label, or all whose labels contain this",
    )
    add_keywords(sweep, "try only what fits: a name is part of a point's label, or of the kind of a fault")
    add_shard(sweep, "trials")
    add_stopping(sweep, "trials have violated an invariant")
    sweep.add_argument(
        "--update-from",
        metavar="REF",
        help="instead of faults: deploy the files of this commit, and update that stack to the files here at "
        "every event of the runs; then with a rollback, too",
    )
    sweep.add_argument(
        "--kind",
        type=fault_kind,
        action="append",
        default=[],
        metavar="NAME",
        help="only faults of this kind; may be repeated",
    )
    sweep.add_argument(
        "-n",
        type=workers,
        default="auto",
        metavar="N",
        help="parallel workers (default: auto, as many as there are CPUs)",
    )
    sweep.add_argument(
        "--pairs", type=natural, default=0, metavar="N", help="N pairs of faults instead of single ones"
    )
    sweep.add_argument("--seed", type=int, metavar="N", help="which pairs (default: 0)")
    sweep.add_argument(
        "--allow-network",
        action="store_true",
        help="sweep although the setting `network` lets functions send each request hundreds of times",
    )
    sweep.add_argument(
        "--json", type=output_file, metavar="FILE", help="also write every trial as JSON; - is stdout"
    )
    sweep.add_argument(
        "-v", "--verbose", action="store_true", help="list all faults by which the scenario failed"
    )
    sweep.set_defaults(command=_command("sweep"))


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
    _init,
    _run,
    _watch,
    _validate,
    _lint,
    _gate,
    _list,
    _up,
    _projects,
    _engines,
    _compare,
    _sweep,
    _replay,
    _import,
    _seed_from,
    _record,
    _config,
    _schema,
    _completion,
)
