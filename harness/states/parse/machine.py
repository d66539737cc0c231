"""Definition text -> Machine, or every problem at once. Nothing runs on a definition with problems."""

from __future__ import annotations

import json

from harness.json_types import Json

from ..asl import Machine, Workflow
from . import allowed_fields as fields
from .problems import InvalidDefinition, Problem, Problems
from .source import QueryLanguage, Source
from .states import WorkflowParser
from .transitions import check_transitions


def parse(text: str) -> Machine:
    """Build the machine of a definition.

    Raises:
        InvalidDefinition: AWS would refuse the definition.
    """
    try:
        definition: Json = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidDefinition((Problem("INVALID_JSON_DESCRIPTION", str(error), None),)) from None
    problems = Problems()
    machine = _parse_machine(definition, text, problems)
    if machine is None or problems.found:
        raise InvalidDefinition(tuple(problems.found))
    return machine


def _parse_machine(definition: Json, text: str, problems: Problems) -> Machine | None:
    if not isinstance(definition, dict):
        problems.schema("The definition is not a JSON object", "/")
        return None
    source = Source(definition, "", problems)
    source.allow(fields.MACHINE)
    try:
        language = QueryLanguage(definition.get("QueryLanguage", QueryLanguage.JSONPATH.value))
    except ValueError:
        source.refuse(fields.QUERY_LANGUAGES, "QueryLanguage")
        return None
    timeout_s = source.whole_number("TimeoutSeconds", minimum=1)
    workflow = WorkflowParser(problems, language).parse(source)
    check_transitions(definition, problems)
    return Machine(workflow or Workflow("", {}), timeout_s, text)
