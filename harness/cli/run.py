"""`harness run`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from harness.cli import stopping
from harness.cli.choosing import most_failures
from harness.cli.console import ended_by_ctrl_c, exports, stay_with
from harness.cli.covering import coverage_of
from harness.cli.playing import OneByOne, Playing
from harness.cli.telling import Reporters
from harness.engine.base import EngineError
from harness.exit_codes import NO_ENGINE, PASSED
from harness.printable import hand_out, one_line, say
from harness.report import FORMATS, STDOUT
from harness.report.base import Reporter
from harness.report.layout import shown_path
from harness.report.model import Outcome, Result
from harness.report.reporters import reporters
from harness.report.terminal import BAD_OUTCOMES, TerminalReport
from harness.scenario.model import Scenario
from harness.scenario.position import ScenarioError

if TYPE_CHECKING:
    from harness.cli.code_coverage import CodeReport

REMEDY = "use another engine, or add --allow-skipped"


def run_scenarios(
    scenarios: Sequence[Scenario],
    playing: Playing,
    arguments: argparse.Namespace,
    code_report: CodeReport | None = None,
    more: Sequence[Reporter] = (),
) -> int:
    """Run all scenarios, report the results, and return the exit code: 0 if every scenario that ran was as
    expected.

    It is 2 if a report could not be written, and 3 if all scenarios were skipped without `--allow-skipped`.
    `more` contains additional reporters. If a report goes to stdout, human-readable text goes to stderr.
    """
    files: dict[str, Path | None] = {each.name: getattr(arguments, each.name) for each in FORMATS}
    stream = sys.stderr if STDOUT in files.values() else sys.stdout
    listeners = reporters(
        stream,
        verbose=arguments.verbose,
        files=files,
        iam=arguments.iam_report,
        durations=arguments.durations,
    )
    coverage = coverage_of(arguments, stream)
    counts = [each for each in (coverage, code_report) if each is not None]
    told = Reporters([*listeners, *counts, *more])
    code, outcomes, failures, most = PASSED, set[Outcome](), 0, most_failures(arguments)
    last: Result | None = None
    with playing:
        _start(playing, listeners[0], told, scenarios)
        told.started(scenarios, playing.label)
        try:
            for result in playing.results(scenarios, told.scenario_started):
                code = max(code, result.exit_code)
                outcomes.add(result.outcome)
                told.scenario_finished(result)
                last = result
                failures += result.outcome in BAD_OUTCOMES
                if failures == most:
                    told.cut_short(f"stopped after {failures} failure{'s' * (failures != 1)}")
                    break
            stopping.check()
        except EngineError as error:  # the previous engine crashed, and a new one cannot be started
            say(f"the engine cannot run: {error}", file=sys.stderr)
            told.cut_short(f"the engine cannot run: {error}")
            code = max(code, NO_ENGINE)
        except ScenarioError as error:
            told.cut_short("another scenario cannot be used")
            told.refused(error.problems)
            raise
        except BaseException as error:
            told.cut_short(_reason(error))
            told.finished()
            raise
        told.finished()
        if isinstance(playing, OneByOne) and (arguments.keep or (arguments.keep_failed and failures)):
            _keep(playing, last, stream)
    if outcomes == {"skipped"} and not arguments.allow_skipped:
        say(
            f"nothing was tested: {playing.label} supports none of these scenarios; {REMEDY}", file=sys.stderr
        )
        code = max(code, NO_ENGINE)
    return max(code, told.code, *(each.code for each in counts))


def _keep(playing: OneByOne, last: Result | None, stream: TextIO) -> None:
    """Print how to connect to the engine and what to inspect, and keep running until Ctrl-C."""
    which = "the last scenario" if last is None else shown_path(last.scenario.path)
    with ended_by_ctrl_c():
        say(f"{playing.label} stays as {which} left it until Ctrl-C:", file=stream)
        hand_out(exports(playing.endpoint.env), stream)
        for run in last.observation.runs if last is not None and last.observation is not None else ():
            ended = one_line(f"{run.name} {run.execution.status}")
            command = f"aws stepfunctions get-execution-history --execution-arn {run.execution.arn}"
            say(f"# {ended}: {command}", file=stream)
        stay_with(playing.engine)


def _start(playing: Playing, screen: TerminalReport, told: Reporters, scenarios: Sequence[Scenario]) -> None:
    """Start the engines. If this fails or is interrupted, report files list all scenarios as not run."""
    try:
        playing.start(screen)
    except BaseException as error:
        told.started(scenarios, playing.label)
        told.cut_short(_reason(error))
        told.refused(error.problems if isinstance(error, ScenarioError) else ())
        raise


def _reason(error: BaseException) -> str:
    """Return the reason why a run ended before all scenarios had run."""
    if isinstance(error, KeyboardInterrupt):
        return stopping.reason()
    if isinstance(error, EngineError):
        return f"the engine cannot run: {error}"
    return f"the harness crashed: {type(error).__name__}: {error}"
