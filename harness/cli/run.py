"""`harness run`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from harness.cli.console import exports, wait_for_signal
from harness.engine.base import Engine
from harness.report import FORMATS
from harness.report.reporters import reporters
from harness.scenario.model import Scenario
from harness.session import Session
from harness.settings import Settings
from harness.stack.template_choice import template_of


def run_scenarios(
    scenarios: Sequence[Scenario],
    engine: Engine,
    settings_of: Callable[[Path], Settings],
    arguments: argparse.Namespace,
) -> int:
    """Run all scenarios and report; 0 when every one that ran was as expected.

    `settings_of` gives the settings of a scenario's file.
    """
    listeners = reporters(
        sys.stdout,
        verbose=arguments.verbose,
        files={each.name: getattr(arguments, each.name) for each in FORMATS},
        iam_template_of=(lambda s: template_of(s, settings_of(s.path))[0]) if arguments.iam_report else None,
    )
    failed = False
    with Session(engine) as session:
        session.start()
        for listener in listeners:
            listener.started(scenarios, engine.label)
        try:
            for scenario in scenarios:
                for listener in listeners:
                    listener.scenario_started(scenario)
                result = session.run(scenario, settings_of(scenario.path))
                failed |= result.outcome in ("failed", "error")
                for listener in listeners:
                    listener.scenario_finished(result)
        finally:
            for listener in listeners:
                listener.finished()
        if arguments.keep:
            print(f"{engine.label} stays as the last scenario left it, until Ctrl-C:")
            print(exports(session.start().env), flush=True)
            wait_for_signal()
    return int(failed)
