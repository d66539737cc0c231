"""Parsers for commands that run scenarios."""

from __future__ import annotations

from pathlib import Path

from harness.cli.debug_options import add_debugging
from harness.cli.option_values import (
    bundle_file,
    fault_kind,
    natural,
    number,
    output_file,
    workers,
)
from harness.cli.options import (
    add_allow_skipped,
    add_choosing,
    add_code_coverage,
    add_coverage,
    add_keywords,
    add_paths,
    add_settings,
    add_shard,
    add_stopping,
)
from harness.cli.parsers.command import Commands, command
from harness.report import FORMATS


def add_run(sub: Commands) -> None:
    """Add `harness run`."""
    run = sub.add_parser("run", help="run scenarios and compare the results with their expectations")
    add_paths(run)
    add_choosing(run)
    add_stopping(run, "failed scenarios")
    add_settings(run)
    for each in FORMATS:
        run.add_argument(
            f"--{each.name}",
            type=output_file,
            metavar="FILE",
            help=f"also write the {each.summary}; - is stdout",
        )
    run.add_argument(
        "--iam-report", action="store_true", help="list the permissions in the template that were never used"
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
        help="run scenarios in N parallel processes; auto: the number of CPUs (default: 1)",
    )
    run.add_argument(
        "--twice",
        action="store_true",
        help="run every scenario twice, on two engines, and fail if the second run differs from the first",
    )
    run.add_argument("--keep", action="store_true", help="leave the engine running after the last scenario")
    run.add_argument(
        "--keep-failed",
        action="store_true",
        help="stop after the first failure, and leave the engine running in that state",
    )
    run.add_argument(
        "--durations",
        type=number,
        metavar="N",
        help="show the N slowest scenarios, and where they spent their time; 0 shows all",
    )
    run.add_argument(
        "-v",
        "--verbose",
        action="store_true",
        help="show all events as a tree, complete function logs, and messages",
    )
    run.add_argument(
        "--bundle",
        type=bundle_file,
        metavar="FILE.zip",
        help="also write the run to one file that `harness run FILE.zip` runs again on any machine: "
        "scenarios, templates, code, versions, histories, logs",
    )
    run.set_defaults(command=command("run", "bundles"))


def add_watch(sub: Commands) -> None:
    """Add `harness watch`."""
    watch = sub.add_parser("watch", help="run scenarios again whenever a file that they use is saved")
    add_paths(watch)
    add_choosing(watch)
    add_stopping(watch, "failed scenarios")
    add_settings(watch)
    watch.add_argument("-v", "--verbose", action="store_true", help="same as for run")
    off = dict.fromkeys(("coverage", "coverage_min", "durations", *(each.name for each in FORMATS)))
    watch.set_defaults(
        command=command("watch", "watch"),
        allow_skipped=True,
        iam_report=False,
        keep=False,
        keep_failed=False,
        **off,
    )


def add_compare(sub: Commands) -> None:
    """Add `harness compare`."""
    compare = sub.add_parser("compare", help="run scenarios on several engines and show where they differ")
    add_paths(compare)
    add_choosing(compare)
    compare.add_argument(
        "--engines",
        type=lambda text: text.split(","),
        required=True,
        metavar="NAMES",
        help="engines separated by commas; the others are compared with the first",
    )
    add_settings(compare, but="engine")
    add_allow_skipped(compare)
    compare.add_argument(
        "--json", type=output_file, metavar="FILE", help="also write the differences as JSON; - is stdout"
    )
    compare.set_defaults(command=command("compare"))


def add_sweep(sub: Commands) -> None:
    """Add `harness sweep`."""
    sweep = sub.add_parser("sweep", help="inject every fault, one at a time, and check the invariants")
    sweep.add_argument("path", type=Path, metavar="SCENARIO", help="the scenario to sweep")
    add_settings(sweep)
    add_coverage(sweep)
    sweep.add_argument(
        "--point",
        default="",
        metavar="TEXT",
        help="only the points whose label is, or contains, this text",
    )
    add_keywords(sweep, "only matching trials: a name matches part of a point's label or of a fault kind")
    add_shard(sweep, "trials")
    add_stopping(sweep, "trials that violate an invariant")
    sweep.add_argument(
        "--update-from",
        metavar="REF",
        help="instead of faults: deploy the files of this commit, and update that stack to the current "
        "files at every event in the runs; then repeat with a rollback",
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
        help="parallel workers (default: auto, the number of CPUs)",
    )
    sweep.add_argument(
        "--pairs", type=natural, default=0, metavar="N", help="N pairs of faults instead of single ones"
    )
    sweep.add_argument("--seed", type=int, metavar="N", help="seed for the selection of pairs (default: 0)")
    sweep.add_argument(
        "--allow-network",
        action="store_true",
        help="sweep even if the setting `network` lets functions send real requests, each possibly hundreds "
        "of times",
    )
    sweep.add_argument(
        "--json", type=output_file, metavar="FILE", help="also write every trial as JSON; - is stdout"
    )
    sweep.add_argument(
        "-v", "--verbose", action="store_true", help="list all faults that made the scenario fail"
    )
    sweep.set_defaults(command=command("sweep"))
