"""Runs a scenario again on a separate engine, and combines both runs into one result."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from harness.engine.base import Capability, EngineError
from harness.expect.model import Mismatch
from harness.notes import Note
from harness.observe.code_folders import CODE
from harness.observe.sources import Sources
from harness.report.model import Result
from harness.scenario.model import Scenario
from harness.scenario.position import Position
from harness.session import Session
from harness.settings import Settings
from harness.stack.naming import naming_of
from harness.stack.nested import with_nested
from harness.stack.origins import origins_in
from harness.stack.stack_choice import stacks_of

from .chance import places
from .difference import Difference, first_difference

OPTION = "--twice"
_REMEDY = "make it depend only on its input; docs/explanation/determinism.md lists the real values"


class Again:
    """Runs scenarios a second time.

    It uses a separate engine instead of resetting the first one. This also reveals dependencies on the
    process ID, on the address, and on data that a reset does not remove.
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    def start(self) -> None:
        """Start the engine.

        Raises:
            EngineError: on this engine, two runs of a scenario always differ.
        """
        self._session.start()
        engine = self._session.engine
        if Capability.VIRTUAL_CLOCK not in engine.capabilities:
            raise EngineError(
                f"{engine.name} has no virtual clock, so two runs always differ; omit {OPTION}, "
                "or use the embedded engine: --engine moto"
            )

    def judged(self, first: Result, settings: Settings) -> Result:
        """Return the result of both runs: the first result, changed to `failed` if the second run differs.

        A scenario that was skipped or that crashed is not run again. A scenario with the real clock is not
        run again either, and gets a note.
        """
        if first.outcome == "skipped" or first.broke:
            return first
        if first.scenario.clock == "real":
            return replace(first, notes=(*first.notes, _played_once(first.scenario)))
        second = self._session.run(first.scenario, settings)
        if second.broke:
            return second
        found = first_difference(first, second)
        if found is None:
            return first
        mismatch = _mismatch(first.scenario, found, settings)
        outcome = first.outcome if first.outcome == "error" else "failed"
        command = f"{first.reproduce} {OPTION}"
        return replace(first, outcome=outcome, mismatches=(*first.mismatches, mismatch), reproduce=command)


def _played_once(scenario: Scenario) -> Note:
    text = f"it uses the real clock, on which two runs always differ: {OPTION} did not run it again"
    return Note("played once", str(scenario.path), scenario.title, text)


def _mismatch(scenario: Scenario, found: Difference, settings: Settings) -> Mismatch:
    code = _folder(scenario, found.function, settings)
    reasons = places(code) if code else []
    return Mismatch(
        expectation=OPTION,
        where=Position(scenario.path),
        summary=f"in the second run, {found.sentence}",
        expected=found.place.first,
        seen=found.place.second,
        subject=f"function {found.function}" if found.function else "",
        remedy="\n".join([_REMEDY, *(f"possible reason: {reason}" for reason in reasons)])
        if found.function
        else "",
    )


def _folder(scenario: Scenario, function: str, settings: Settings) -> Path | None:
    """Return the folder of a function's code, or None if it is unknown."""
    planned = stacks_of(scenario, settings)
    declared = {each.name: origins_in(each.template, each.name) for each in with_nested(planned)}
    names = naming_of(scenario, planned, settings.state_machine).names(declared)
    origins = {name: declared[stack][id_] for (stack, id_), name in names.items() if name == function}
    folders = Sources.of(origins).folders.get(function, ())
    return next((folder for root, folder in folders if root == CODE), None)
