"""Parses a definition's text into a Machine, or lists all problems. A definition with problems never runs."""

from __future__ import annotations

from harness.json_faults import located_fault, nesting, source_location
from harness.json_types import Json

from ..asl import Machine
from ..payload import DEPTH, NestedTooDeeply, read_json
from . import allowed_fields as fields
from .integrations import Integrations
from .problems import SCHEMA_VALIDATION_FAILED, TOO_DEEPLY_NESTED, InvalidDefinition, Problem, Problems
from .source import QueryLanguage, Source
from .states import WorkflowParser
from .transitions import check_transitions
from .variables import check_variables


def parse(text: str, integrations: Integrations | None = None, *, express: bool = False) -> Machine:
    """Build the machine for a definition.

    Args:
        integrations: the integrations that a Task's Resource can refer to; None to skip this check.
        express: true if the machine type is EXPRESS, which cannot wait for callbacks or jobs.

    Raises:
        InvalidDefinition: AWS would reject the definition.
    """
    try:
        definition = _read(text) if text else None
        problems = Problems()
        machine = _parse_machine(definition, text, problems, integrations, express=express)
    except RecursionError:
        raise InvalidDefinition((_too_deep(text),)) from None
    too_deep = [problem for problem in problems.found if problem.code == TOO_DEEPLY_NESTED]
    if machine is None or problems.found:
        raise InvalidDefinition(tuple(too_deep[:1] or problems.found))
    return machine


def _read(text: str) -> Json:
    try:
        return read_json(text)
    except NestedTooDeeply as error:
        depth, end = nesting(text, DEPTH)
        if depth <= DEPTH:
            raise InvalidDefinition((_too_deep(text),)) from None
        words, place = str(error), source_location(text, end)
    except ValueError:
        words, place = located_fault(text)
    problem = Problem("INVALID_JSON_DESCRIPTION", f"{words}\n at {place}", place)
    raise InvalidDefinition((problem,))


def _too_deep(text: str) -> Problem:
    place = source_location(text, nesting(text, DEPTH)[1])
    return Problem(TOO_DEEPLY_NESTED, "The states are too deeply nested", place)


def _parse_machine(
    definition: Json, text: str, problems: Problems, integrations: Integrations | None, *, express: bool
) -> Machine | None:
    if not isinstance(definition, dict):
        problems.add(SCHEMA_VALIDATION_FAILED, "Definition must be a valid JSON object", None)
        return None
    source = Source(definition, "", problems)
    source.allow(fields.MACHINE)
    language = source.language(QueryLanguage.JSONPATH)
    source.one_of("Version", "1.0")
    timeout_s = source.whole_number("TimeoutSeconds", minimum=0)
    workflow = WorkflowParser(problems, language, integrations, express=express).parse(source)
    if workflow is None:
        return None
    check_transitions(definition, problems)
    if "Assign" in text or "\\u" in text:
        check_variables(definition, problems)
    return Machine(workflow, timeout_s or None, text)
