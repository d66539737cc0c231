"""Deploys the stacks that code or the settings specify."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from harness.lint.check import linted
from harness.session import Session
from harness.setting_checks import stack_name_problem
from harness.settings import Settings, SettingsError
from harness.stack.model import Stack
from harness.stack.stack_choice import stacks_for
from harness.stack.template_choice import default_machine


def deploy(
    session: Session,
    settings: Settings,
    template: str | Path | None = None,
    *,
    state_machine: str | None = None,
    parameters: Mapping[str, str] | None = None,
    name: str | None = None,
    where: str = "Workflow",
) -> Stack:
    """Deploy a template from a path relative to the project's folder. Default: the templates in the settings.

    `where` is the caller, for error messages.

    Raises:
        HarnessError: AWS rejects the template, or it cannot be deployed.
    """
    given = dict(parameters or {})
    path = settings.root / template if template is not None else None
    app = (path or settings.template or Path()).is_dir()
    if name is not None and not app and (problem := stack_name_problem(name)):
        raise SettingsError(f"{where}: {problem}")
    if template is None and settings.template is None and not settings.stacks:
        raise SettingsError(
            f"{where}: no template; pass one as the `template` argument, or set it in [tool.harness] in "
            f"{settings.root / 'pyproject.toml'}"
        )
    session.allow_network(settings)
    with linted(stacks_for(settings, path, name or "", given), settings):
        planned = stacks_for(settings, path, name or "", given, session.more_parameters(settings))
        default = default_machine(planned, settings) if template is None else None
        return session.deploy(planned, settings, machine=state_machine or default)
