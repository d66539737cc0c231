"""Parsers of the commands that play scenarios."""

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
    run.set_defaults(command=command("run", "bundles"))


def add_watch(sub: Commands) -> None:
    """Add `harness watch`."""
    watch = sub.add_parser("watch", help="play scenarios again whenever a file that they read is saved")
    add_paths(watch)
    add_choosing(watch)
    add_stopping(watch, "scenarios have failed")
    add_settings(watch)
    watch.add_argument("-v", "--verbose", action="store_true", help="as with run")
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
        help="separated by commas; the others are compared with the first",
    )
    add_settings(compare, but="engine")
    add_allow_skipped(compare)
    compare.add_argument(
        "--json", type=output_file, metavar="FILE", help="also write what differs as JSON; - is stdout"
    )
    compare.set_defaults(command=command("compare"))


def add_sweep(sub: Commands) -> None:
    """Add `harness sweep`."""
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
    sweep.set_defaults(command=command("sweep"))
