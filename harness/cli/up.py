"""`harness up`."""

from __future__ import annotations

import json
import sys

from harness.cli.console import exports, wait_for_signal
from harness.engine.base import Engine
from harness.lint.check import linted
from harness.notes import Note
from harness.scenario.model import Scenario
from harness.session import Session
from harness.settings import Settings, SettingsError
from harness.stack.model import DeployError
from harness.stack.template_choice import template_of


def stay_up(scenario: Scenario | None, engine: Engine, settings: Settings, *, as_json: bool) -> int:
    """Start the engine, seed and deploy the scenario if there is one, say how to reach it, and stay."""
    with Session(engine) as session:
        outputs: dict[str, str] = {}
        notes: tuple[Note, ...] = ()
        if scenario is not None:
            try:
                with linted(*template_of(scenario, settings), settings):
                    stack = session.prepare(scenario, settings)
            except DeployError as error:
                raise SettingsError(str(error)) from error
            outputs, notes = dict(stack.outputs), stack.notes
        endpoint = session.start()
        if as_json:
            ready = {
                "endpoint_url": endpoint.url,
                "region": endpoint.region,
                "account_id": endpoint.account_id,
                "env": endpoint.env,
                "outputs": outputs,
            }
            print(json.dumps(ready), flush=True)
        else:
            print(f"# {engine.label} is ready; Ctrl-C ends it. To use it from another terminal:")
            print(exports(endpoint.env))
            print("\n".join(f"# {name}: {value}" for name, value in outputs.items()), flush=True)
        for note in notes:  # in JSON, too, they are for people
            file = sys.stderr if as_json else sys.stdout
            print(f"# {note.heading}: {note.place}: {note.subject}: {note.text}", file=file, flush=True)
        wait_for_signal()
    return 0
