"""Mutants of templates are rejected with a location, or packaged, or deployed; nothing breaks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from bounds import bounded
from scenario_mutants import written
from template_mutants import BROAD, mutants, write_files

from harness.engine.clients import Clients
from harness.engine.moto.engine import MotoEngine
from harness.expect import BUILT_IN
from harness.lint.scenarios import check_first
from harness.scenario.load import parse
from harness.scenario.position import ScenarioError
from harness.settings import Settings, SettingsError
from harness.stack.deploy import deploy
from harness.stack.model import DeployError
from harness.stack.packaging import package
from harness.stack.template import TemplateError

MOST_S = 10.0
"""CPU time for one template before it is deployed."""
SCENARIO = """\
title: t
stack: {template: template.yaml, parameters: {Stage: prod}}
run: {state_machine: Machine}
expect: {execution: {status: SUCCEEDED}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_files(tmp_path)
    return tmp_path


@pytest.fixture(scope="module")
def engine() -> Iterator[MotoEngine]:
    engine = MotoEngine()
    engine.start()
    yield engine
    engine.stop()


def check(text: str, folder: Path, *, lint: bool) -> str:
    """Check a template like `harness validate`, and package it. Return the outcome.

    `lint` makes cfn-lint explain a misspelt type, which takes a second.
    """
    path, settings = folder / "template.yaml", Settings(folder, lint=() if lint else False)
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    refused = ""
    try:
        assert package(path, "bucket").body.encode()
    except TemplateError as error:
        refused = str(error)
    assert not refused or str(path) in refused
    try:
        check_first([parse(SCENARIO, BUILT_IN, folder / "scenario.yaml")], lambda _: settings, start=False)
    except (ScenarioError, SettingsError):
        return "refused"
    assert not refused
    return "packaged"


def fuzz(seed: int, count: int, folder: Path) -> dict[str, int]:
    """Check mutants and return the number of each outcome. Fail at the first mutant that breaks something."""
    counts: dict[str, int] = {}
    for number, text in enumerate(mutants(seed, count)):
        try:
            with bounded(MOST_S):
                became = check(text, folder, lint=number % 25 == 0)
        except BaseException as error:
            error.add_note(f"mutant {number} of seed {seed}:\n{text[:6000]}")
            raise
        counts[became] = counts.get(became, 0) + 1
    return counts


def deploy_some(seed: int, count: int, engine: MotoEngine, folder: Path) -> int:
    """Deploy mutants and return the number deployed. Fail at the first exception in the engine."""
    done = 0
    for number, text in enumerate(mutants(seed, count)):
        (folder / "template.yaml").write_bytes(text.encode("utf-8", "surrogatepass"))
        try:
            deploy(Clients(engine.reset()), folder / "template.yaml", "fuzz", {})
            done += 1
        except (DeployError, TemplateError):
            pass  # only the kind of rejection matters
        assert engine.bugs() == (), f"mutant {number} of seed {seed}:\n{text[:6000]}"
    return done


def test_mutants_are_refused_or_packaged(folder: Path) -> None:
    counts = fuzz(1, 40, folder)
    assert min(counts.get("refused", 0), counts.get("packaged", 0)) >= 4, counts


def test_mutants_are_refused_or_deployed(engine: MotoEngine, folder: Path) -> None:
    (folder / "template.yaml").write_text(written(BROAD, 3), encoding="utf-8")
    assert deploy(Clients(engine.reset()), folder / "template.yaml", "fuzz", {}).resources
    deploy_some(2, 4, engine, folder)


@pytest.mark.thorough
@pytest.mark.parametrize("seed", range(10, 15))
def test_many_mutants_are_refused_or_packaged(seed: int, folder: Path) -> None:
    counts = fuzz(seed, 250, folder)
    assert min(counts.get("refused", 0), counts.get("packaged", 0)) >= 20, counts


@pytest.mark.thorough
@pytest.mark.parametrize("seed", range(30, 34))
def test_many_mutants_are_refused_or_deployed(seed: int, engine: MotoEngine, folder: Path) -> None:
    assert deploy_some(seed, 40, engine, folder) >= 1
