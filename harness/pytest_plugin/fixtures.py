"""Fixtures for Python tests: an empty engine, deployed templates, checked runs, and sweeps."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from harness.pytest_plugin.covering import recorder
from harness.pytest_plugin.options import covers
from harness.pytest_plugin.running import Runner
from harness.pytest_plugin.state import explained, harness_session, harness_settings, shown

if TYPE_CHECKING:
    from harness.engine.clients import Clients
    from harness.stack.model import Stack
    from harness.sweep.model import Swept


@pytest.fixture
def harness_clients(request: pytest.FixtureRequest) -> Clients:
    """boto3 clients (`harness_clients.s3`, ...) for an empty engine."""
    with explained():
        from harness.stack.stack_choice import place_for  # noqa: PLC0415

        session, settings = harness_session(request.config), harness_settings(request.config, request.path)
        session.go_to(place_for(settings))
        return session.fresh()


def stack_fixture(
    template: str | Path | None = None,
    *,
    state_machine: str | None = None,
    parameters: Mapping[str, str] | None = None,
    name: str | None = None,
) -> Callable[..., Stack]:
    """Return a fixture that deploys a template, for projects with several templates.

        payments = stack_fixture(template="payments.yaml", state_machine="Payments")

        def test_a_payment(payments, harness_run):
            assert harness_run({"order": 1}, stack=payments).execution.status == "SUCCEEDED"

    `template` is relative to the pyproject.toml of the test's project. `state_machine` is the logical ID of
    the state machine that runs start, if the template has several. `name` is the stack's name. Default: the
    template's file name without its suffix. For the `cdk.out` of a CDK app, `name` is the stack to deploy.
    Default: all. Without `template`, these values come from the settings.
    """

    @pytest.fixture
    def stack(harness_clients: Clients, request: pytest.FixtureRequest) -> Stack:
        """A deployed template."""
        with explained():
            from harness.workflow.deploying import deploy  # noqa: PLC0415

            return deploy(
                harness_session(request.config),
                harness_settings(request.config, request.path),
                template,
                state_machine=state_machine,
                parameters=parameters,
                name=name,
                where="stack_fixture",
            )

    return stack


harness_stack = stack_fixture()


@pytest.fixture
def harness_run(harness_clients: Clients, request: pytest.FixtureRequest) -> Runner:
    """Run a stack's state machine; see `Runner`."""
    with explained():
        return Runner(request)


@pytest.fixture
def harness_swept(request: pytest.FixtureRequest) -> Swept:
    """The sweep specified by the test's marker: `@pytest.mark.harness_sweep("scenarios/x.yaml",
    kinds=["cut"])`.

    The scenario's path is relative to the pyproject.toml of the test's project.
    """
    mark = request.node.get_closest_marker("harness_sweep")
    if mark is None or len(mark.args) != 1:
        raise pytest.UsageError(
            f"{request.node.nodeid}: the fixture harness_swept requires the marker harness_sweep(scenario)"
        )
    with explained():
        from harness.expect.project import load_scenarios  # noqa: PLC0415
        from harness.sweep.sweep import Selection, sweep  # noqa: PLC0415

        settings = harness_settings(request.config, request.path)
        (scenario,) = load_scenarios([shown(settings.root / mark.args[0])], lambda _: settings)
        selection = Selection(**{**mark.kwargs, "kinds": tuple(mark.kwargs.get("kinds", ()))})
        told = recorder(request.config) if covers(request.config) else None
        return sweep(harness_session(request.config), scenario, settings, selection, recorder=told)
