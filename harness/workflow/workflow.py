"""A workflow that code deploys and runs."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Self

from harness.engine import engine_of
from harness.engine.clients import Clients
from harness.projects import Projects
from harness.session import Session
from harness.stack.model import Stack
from harness.stack.stack_choice import place_for
from harness.workflow.as_scenario import Caller
from harness.workflow.deploying import deploy
from harness.workflow.result import Result
from harness.workflow.runs import Runs
from harness.workflow.started import StartedRun

_OWN = Path(__file__).parent


class Workflow:
    """A template on its own engine, which starts immediately and stops at the end of the `with` block.

        with Workflow("template.yaml", state_machine="Payments") as payments:
            payments.clients.s3.create_bucket(Bucket="attic")
            result = payments.run({"order": 1})
            assert result.status == "SUCCEEDED"
            assert result.items("Orders") == [{"id": 1, "paid": True}]

    The template is deployed on first use, after any resources that `clients` created earlier. The virtual
    clock moves only in calls that wait: `run`, `sleep`, and the methods of a `StartedRun`.

    Args:
        template: a CloudFormation or SAM template, or the `cdk.out` of a CDK app. The path is relative to the
            folder with the project's pyproject.toml, or to the working directory if there is none. Default:
            the templates in the settings.
        state_machine: the logical ID of the state machine to run, if there are several.
        parameters: the template parameters.
        name: the stack name. Default: the template's file name without its suffix.
        project: a file or folder in the project, whose pyproject.toml contains the settings. Default: the
            working directory.
        engine: the engine, as in `harness run --engine`.
        world: the seed for IDs and random values, as in `harness run --world`.

    Raises:
        HarnessError: the project contains an error, for example a template that AWS rejects. Any method
            that uses the engine can raise it.
    """

    def __init__(
        self,
        template: str | Path | None = None,
        *,
        state_machine: str | None = None,
        parameters: Mapping[str, str] | None = None,
        name: str | None = None,
        project: str | Path | None = None,
        engine: str | None = None,
        world: int | None = None,
    ) -> None:
        options = {"engine": engine, "world": None if world is None else str(world)}
        projects = Projects(os.environ, options, "")
        self._settings = projects.here if project is None else projects.of(Path(project).absolute())
        self._template = template
        self._state_machine = state_machine
        self._parameters = dict(parameters or {})
        self._name = name
        self._session = Session(engine_of(self._settings))
        self._clients: Clients | None = None
        self._stack: Stack | None = None
        self._runs: Runs | None = None

    def __enter__(self) -> Self:
        self._session.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop the engine and remove everything that was deployed."""
        self._forget()
        self._session.discard_engine()

    def reset(self) -> None:
        """Start again with an empty engine. This is faster than starting a new engine."""
        self._forget()

    @property
    def clients(self) -> Clients:
        """boto3 clients for the engine: `clients.s3`, `clients.dynamodb`, ..., `clients.client("kms")`."""
        if self._clients is None:
            self._session.go_to(place_for(self._settings))
            self._clients = self._session.fresh()
        return self._clients

    @property
    def outputs(self) -> Mapping[str, str]:
        """The outputs of the deployed template."""
        return self._deployed().outputs

    def physical_id(self, name: str) -> str:
        """Return a resource's physical ID, such as a table name.

        Args:
            name: its logical ID, or for CDK the path of its construct or the end of that path.
        """
        return self._deployed().resource(name).physical_id

    def run(self, input: object = None, *, name: str | None = None, timeout_s: float = 60) -> Result:
        """Start the state machine and wait for it to end.

        Args:
            input: any JSON value; None means `{}`.
            name: the execution name. Default: run-1, run-2, ...
            timeout_s: the timeout in seconds of real time. A run that exceeds it has the outcome `error`.
        """
        return self._start(_caller(), input, name, timeout_s).wait()

    def start(self, input: object = None, *, name: str | None = None, timeout_s: float = 60) -> StartedRun:
        """Start the state machine, which continues only while a caller waits. Arguments: see `run`."""
        return self._start(_caller(), input, name, timeout_s)

    def sleep(self, for_: str | float | timedelta) -> None:
        """Let time pass on the clock: `"10 min"` as in scenarios, or seconds. Work that is due by then
        begins.
        """
        self._started().sleep(for_)

    def _start(self, caller: Caller, input: object, name: str | None, timeout_s: float) -> StartedRun:
        stack = self._deployed()
        return self._started().start(caller, stack, input, name, timeout_s)

    def _started(self) -> Runs:
        if self._runs is None:
            self._deployed()
            self._runs = Runs(self._session)
        return self._runs

    def _deployed(self) -> Stack:
        if self._stack is None:
            _ = self.clients
            self._stack = deploy(
                self._session,
                self._settings,
                self._template,
                state_machine=self._state_machine,
                parameters=self._parameters,
                name=self._name,
            )
        return self._stack

    def _forget(self) -> None:
        self._clients = self._stack = self._runs = None


def _caller() -> Caller:
    """Return the calling code outside this package."""
    frame = sys._getframe(1)
    while frame.f_back is not None and Path(frame.f_code.co_filename).parent == _OWN:
        frame = frame.f_back
    path = Path(frame.f_code.co_filename)
    shown = path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
    return Caller(shown, frame.f_lineno)
