"""`harness run`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from harness.cli.console import exports, wait_for_signal
from harness.cli.telling import Reporters
from harness.engine.base import Engine, EngineError
from harness.exit_codes import NO_ENGINE, PASSED
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
    """Run all scenarios and report; gives the exit code, 0 when every one that ran was as expected.

    `settings_of` gives the settings of a scenario's file.
    """
    files: dict[str, Path | None] = {each.name: getattr(arguments, each.name) for each in FORMATS}
    told = Reporters(
        reporters(
            sys.stdout,
            verbose=arguments.verbose,
            files=files,
            iam_template_of=(lambda s: template_of(s, settings_of(s.path))[0])
            if arguments.iam_report
            else None,
        )
    )
    code = PASSED
    with Session(engine) as session:
        session.start()
        told.started(scenarios, engine.label)
        try:
            for scenario in scenarios:
                told.scenario_started(scenario)
                result = session.run(scenario, settings_of(scenario.path))
                code = max(code, result.exit_code)
                told.scenario_finished(result)
        except EngineError as error:  # the one before broke down, and another does not start
            print(f"the engine cannot run: {error}", file=sys.stderr)
            code = max(code, NO_ENGINE)
        finally:
            told.finished()
        if arguments.keep:
            print(f"{engine.label} stays as the last scenario left it, until Ctrl-C:")
            print(exports(session.start().env), flush=True)
            wait_for_signal()
    return max(code, told.code)
