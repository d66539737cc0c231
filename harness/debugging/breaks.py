"""The places that `--break` names: functions, states, and API calls."""

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
    """Debugs what a session plays, at a desk: `names` are the places where it stops."""

    desk: Desk
    names: Sequence[str] = ()

    @property
    def clock(self) -> Clock:
        """The desk's, which stands still while somebody is asked."""
        return self.desk

    def begin(self, engine: Engine) -> None:
        """Let functions be debugged, also those that run while a stack is deployed."""
        if engine.debugs:
            engine.set_debugger(self.desk.setting, {"functions": [], "states": [], "calls": []})

    def deployed(self, engine: Engine, stack: Stack) -> None:
        """Stop at the places: a name with a colon is a call, any other a function, states, or both."""
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
    """Name a call as boto3 and the API do: `stepfunctions:StartExecution` for `sfn:startExecution`."""
    service, _, operation = text.partition(":")
    return f"{boto3_name(service.lower())}:{capitalized(operation)}"


def check_names(
    names: Sequence[str], scenarios: Sequence[Scenario], settings_of: Callable[[Path], Settings]
) -> None:
    """Check that each name is one of a function, a state or a call, before anything starts.

    Where a template does not tell its states, because a transform makes them, any name may be one.

    Raises:
        SettingsError: one is none of them.
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
                f"--break {name}: there is no function and no state of this name; "
                f"{nearest(name, known, 'functions and states')}; a call is named like dynamodb:PutItem"
            )


def _check_call(name: str) -> None:
    from botocore.exceptions import UnknownServiceError  # noqa: PLC0415  (most names are of states)
    from botocore.session import Session  # noqa: PLC0415

    service, _, operation = call_name(name).partition(":")
    session = Session()
    try:
        operations = session.get_service_model(service).operation_names
    except UnknownServiceError:
        known = session.get_available_services()
        raise SettingsError(
            f"--break {name}: there is no service {service!r}; {nearest(service, known)}"
        ) from None
    if operation not in operations:
        said = nearest(operation, operations, f"operations of {service}")
        raise SettingsError(f"--break {name}: {service} has no operation {operation!r}; {said}")
