"""`harness run`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from harness.cli import stopping
from harness.cli.codes import FAILED, NO_ENGINE, PASSED, WRONG
from harness.cli.console import exports, wait_for_signal
from harness.engine.base import Engine
from harness.report import FORMATS, STDOUT
from harness.report.base import FileReport, Reporter
from harness.report.model import Outcome
from harness.report.reporters import reporters
from harness.scenario.model import Scenario
from harness.session import Session
from harness.settings import Settings
from harness.stack.template_choice import template_of

REMEDY = "choose another engine, or give --allow-skipped"


def run_scenarios(
    scenarios: Sequence[Scenario],
    engine: Engine,
    settings_of: Callable[[Path], Settings],
    arguments: argparse.Namespace,
) -> int:
    """Run all scenarios and report; 0 when every one that ran was as expected.

    It is 2 when a report could not be written, 3 when all were skipped and `--allow-skipped` is not given.
    What people read goes to stderr where a report goes to stdout. `settings_of` gives the settings of a
    scenario's file.
    """
    files: dict[str, Path | None] = {each.name: getattr(arguments, each.name) for each in FORMATS}
    listeners = reporters(
        sys.stderr if STDOUT in files.values() else sys.stdout,
        verbose=arguments.verbose,
        files=files,
        iam_template_of=(lambda s: template_of(s, settings_of(s.path))[0]) if arguments.iam_report else None,
    )
    outcomes = set[Outcome]()
    with Session(engine, on_stage=listeners[0].stage) as session:
        session.start()
        for listener in listeners:
            listener.started(scenarios, engine.label)
        try:
            for scenario in scenarios:
                stopping.check()
                for listener in listeners:
                    listener.scenario_started(scenario)
                result = session.run(scenario, settings_of(scenario.path))
                outcomes.add(result.outcome)
                for listener in listeners:
                    listener.scenario_finished(result)
            stopping.check()
        finally:
            written = _finish(listeners)
        if arguments.keep:
            print(f"{engine.label} stays as the last scenario left it, until Ctrl-C:")
            print(exports(session.start().env), flush=True)
            wait_for_signal()
    if not written:
        return WRONG
    if outcomes == {"skipped"} and not arguments.allow_skipped:
        print(f"nothing is proved: {engine.label} can run none of these scenarios; {REMEDY}", file=sys.stderr)
        return NO_ENGINE
    return FAILED if outcomes & {"failed", "error"} else PASSED


def _finish(listeners: Sequence[Reporter]) -> bool:
    """End all reports; False, with a sentence on stderr, when one could not be written."""
    # Files first: whoever reads the screen may be gone.
    for listener in sorted(listeners, key=lambda each: not isinstance(each, FileReport)):
        listener.finished()
    problems = [each.problem for each in listeners if isinstance(each, FileReport) and each.problem]
    for problem in problems:
        print(problem, file=sys.stderr)
    return not problems
