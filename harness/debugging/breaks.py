"""Breakpoints from `--break`: functions, states, and API calls."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.debugging.desk import Desk
from harness.engine.base import Engine
from harness.functions.shared.debug_link import Breaks
from harness.polling import Clock
from harness.scenario.model import Scenario
from harness.scenario.wording import nearest
from harness.service_names import boto3_name, capitalized
from harness.settings import Settings, SettingsError
from harness.stack.declared import declared, physical_id
from harness.stack.model import Stack
from harness.stack.naming import Declarations
from harness.stack.stack_choice import stacks_of
from harness.stack.template import TemplateError

FUNCTION = "function"


@dataclass
class Debugging:
    """Debugging of a session at a desk; `names` are the breakpoints."""

    desk: Desk
    names: Sequence[str] = ()

    @property
    def clock(self) -> Clock:
        """Return the desk's clock, which stands still during a prompt."""
        return self.desk

    def begin(self, engine: Engine) -> None:
        """Make functions debuggable, including those that run during a deployment."""
        if engine.debugs:
            engine.set_debugger(self.desk.setting, {"functions": [], "states": [], "calls": []})

    def deployed(self, engine: Engine, stack: Stack) -> None:
        """Set the breakpoints. A name with a colon is a call; other names are functions, states, or both."""
        if not self.names or not engine.debugs:
            return
        functions = {name: physical_id(stack, FUNCTION, name) for name in self.names}
        breaks: Breaks = {
            "functions": [function for function in functions.values() if function],
            "states": [name for name in self.names if ":" not in name],
            "calls": [call_name(name).lower() for name in self.names if ":" in name],
        }
        engine.set_debugger(self.desk.setting, breaks)


def call_name(text: str) -> str:
    """Return a call's name in boto3 and the API: `stepfunctions:StartExecution` for `sfn:startExecution`."""
    service, _, operation = text.partition(":")
    return f"{boto3_name(service.lower())}:{capitalized(operation)}"


def check_names(
    names: Sequence[str], scenarios: Sequence[Scenario], settings_of: Callable[[Path], Settings]
) -> None:
    """Check that each name is a function, a state or a call, before anything starts.

    When a template's states are unknown, because a transform creates them, any name may be a state.

    Raises:
        SettingsError: a name is not a function, a state or a call.
    """
    known: list[str] = []
    open_ended = False
    for scenario in scenarios:
        try:
            planned = stacks_of(scenario, settings_of(scenario.path))
            known += Declarations.of(planned).known(FUNCTION)
            for each in planned:
                states = declared(each.template).states
                open_ended = open_ended or states is None
                known += sorted(states or ())
        except TemplateError as error:
            raise SettingsError(str(error)) from error
    for name in names:
        if ":" in name:
            _check_call(name)
        elif name not in known and not open_ended:
            raise SettingsError(
                f"--break {name}: no function or state with this name found; "
                f"{nearest(name, known, 'functions and states')}; for a call, write for example "
                "dynamodb:PutItem"
            )


def _check_call(name: str) -> None:
    from botocore.exceptions import UnknownServiceError  # noqa: PLC0415  (most names are states)
    from botocore.session import Session  # noqa: PLC0415

    service, _, operation = call_name(name).partition(":")
    session = Session()
    try:
        operations = session.get_service_model(service).operation_names
    except UnknownServiceError:
        known = session.get_available_services()
        raise SettingsError(
            f"--break {name}: unknown service {service!r}; {nearest(service, known)}"
        ) from None
    if operation not in operations:
        said = nearest(operation, operations, f"operations of {service}")
        raise SettingsError(f"--break {name}: {service} has no operation {operation!r}; {said}")
