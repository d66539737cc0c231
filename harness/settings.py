"""The one place where settings come from: command line > environment > `[tool.harness]` in pyproject.toml.

[tool.harness]
engine = "moto"                        # or HARNESS_ENGINE, or --engine
endpoint_url = "http://10.0.0.7:4566"  # for the engine `endpoint`; or HARNESS_ENDPOINT_URL, or --endpoint-url
endpoint_region = "eu-west-1"          # likewise; or HARNESS_ENDPOINT_REGION, or --endpoint-region
endpoint_ca_bundle = "ca.pem"          # likewise; or HARNESS_ENDPOINT_CA_BUNDLE, or --endpoint-ca-bundle
localstack_version = "4.14.0"          # of `localstack-host`; or HARNESS_LOCALSTACK_VERSION
template = "lambdas/template.yaml"     # paths are relative to pyproject.toml
state_machine = "Orchestrator"         # logical id; not needed when the template has only one
scenarios = ["scenarios"]              # where `harness run` and pytest look for scenario files
parameters = { PollIntervalSeconds = 1 }
real_time_parameters = { PollIntervalSeconds = 1 }      # besides, where waiting takes as long as it says
known_differences = "scenarios/known-differences.toml"   # of engines, see harness/compare/known.py
invariants = "scenarios/invariants.py"                   # of sweeps, see harness/sweep/invariants.py
expectations = "scenarios/expectations.py"               # of scenarios, see harness/expect/__init__.py
stack_name = "stack"                   # of the stack that is deployed
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

DEFAULT_ENGINE = "moto"
KNOWN_DIFFERENCES = "scenarios/known-differences.toml"
STACK_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,127}")
"""https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html"""
KNOWN = {
    "engine": str,
    "endpoint_url": str,
    "endpoint_region": str,
    "endpoint_ca_bundle": str,
    "localstack_version": str,
    "template": str,
    "state_machine": str,
    "scenarios": list,
    "parameters": dict,
    "real_time_parameters": dict,
    "known_differences": str,
    "invariants": str,
    "expectations": str,
    "stack_name": str,
}


class SettingsError(Exception):
    """A setting is wrong; the message names the file, the key and the remedy."""


@dataclass(frozen=True)
class Settings:
    """What applies to every scenario that does not say otherwise; `root` is the folder of pyproject.toml."""

    root: Path
    engine: str = DEFAULT_ENGINE
    endpoint_url: str | None = None
    endpoint_region: str | None = None
    endpoint_ca_bundle: Path | None = None
    localstack_version: str | None = None
    template: Path | None = None
    state_machine: str | None = None
    scenarios: tuple[Path, ...] = ()
    parameters: Mapping[str, str] = field(default_factory=dict)
    real_time_parameters: Mapping[str, str] = field(default_factory=dict)
    known_differences: Path = Path(KNOWN_DIFFERENCES)
    invariants: Path | None = None
    expectations: Path | None = None
    stack_name: str = "stack"


def load_settings(
    start: Path,
    environ: Mapping[str, str],
    engine: str | None = None,
    endpoint_url: str | None = None,
    endpoint_region: str | None = None,
    endpoint_ca_bundle: Path | None = None,
) -> Settings:
    """The settings that hold for a folder: those of the nearest pyproject.toml with a `[tool.harness]` table.

    `engine`, `endpoint_url` and so on are those of the command line; a URL alone means the engine `endpoint`.

    Raises SettingsError.
    """
    root, table = _nearest_table(start.resolve())
    file = root / "pyproject.toml"
    for key, value in table.items():
        if key not in KNOWN:
            raise SettingsError(
                f"{file}: [tool.harness]: unknown key {key!r}; known: {', '.join(sorted(KNOWN))}"
            )
        if not isinstance(value, KNOWN[key]):
            raise SettingsError(
                f"{file}: [tool.harness]: {key} is a {type(value).__name__}; "
                f"it must be a {KNOWN[key].__name__}"
            )
    template = table.get("template")
    stack_name = table.get("stack_name", Settings.stack_name)
    if not STACK_NAME.fullmatch(stack_name):
        raise SettingsError(
            f"{file}: [tool.harness]: stack_name {stack_name!r} is no name of a stack; "
            "use up to 128 letters, digits and hyphens, beginning with a letter"
        )
    if endpoint_url and not engine:
        engine = "endpoint"
    return Settings(
        root=root,
        engine=engine or environ.get("HARNESS_ENGINE") or table.get("engine", DEFAULT_ENGINE),
        endpoint_url=endpoint_url or environ.get("HARNESS_ENDPOINT_URL") or table.get("endpoint_url"),
        endpoint_region=endpoint_region
        or environ.get("HARNESS_ENDPOINT_REGION")
        or table.get("endpoint_region"),
        endpoint_ca_bundle=endpoint_ca_bundle
        or _file(start, environ.get("HARNESS_ENDPOINT_CA_BUNDLE"))
        or _file(root, table.get("endpoint_ca_bundle")),
        localstack_version=environ.get("HARNESS_LOCALSTACK_VERSION") or table.get("localstack_version"),
        template=root / template if template else None,
        state_machine=table.get("state_machine"),
        scenarios=tuple(root / folder for folder in table.get("scenarios", ["scenarios"])),
        parameters={k: str(v) for k, v in table.get("parameters", {}).items()},
        real_time_parameters={k: str(v) for k, v in table.get("real_time_parameters", {}).items()},
        known_differences=root / table.get("known_differences", KNOWN_DIFFERENCES),
        invariants=root / table["invariants"] if "invariants" in table else None,
        expectations=root / table["expectations"] if "expectations" in table else None,
        stack_name=stack_name,
    )


def _file(folder: Path, name: str | None) -> Path | None:
    return folder / name if name else None


def _nearest_table(start: Path) -> tuple[Path, dict[str, Any]]:
    for folder in (start, *start.parents):
        file = folder / "pyproject.toml"
        if file.is_file():
            try:
                table = tomllib.loads(file.read_text(encoding="utf-8")).get("tool", {}).get("harness")
            except tomllib.TOMLDecodeError as error:
                raise SettingsError(f"{file}: not TOML: {error}") from error
            if table is not None:
                return folder, table
    return start, {}
