"""Definition text -> Machine, or every problem at once.

The way: `parse` reads the JSON, `WorkflowParser` (parse_states) builds the states and notes what does not fit
the schema, `check_transitions` looks at the machine as a whole. Nothing runs on a definition with problems.
"""

from __future__ import annotations

import json

from ..asl import Machine, QueryLanguage, Workflow
from . import allowed_fields as fields
from .problems import SCHEMA_VALIDATION_FAILED, InvalidDefinition, Problem
from .readers import Problems, optional_whole_number
from .states import WorkflowParser
from .transitions import check_transitions


def parse(text: str) -> Machine:
    """The machine of a definition.

    Raises:
        InvalidDefinition: AWS would refuse the definition.
    """
    try:
        definition = json.loads(text)
    except ValueError as error:
        raise InvalidDefinition((Problem("INVALID_JSON_DESCRIPTION", str(error), None),)) from None
    problems = Problems()
    machine = _parse_machine(definition, text, problems)
    if machine is None or problems.found:
        raise InvalidDefinition(tuple(problems.found))
    return machine


def _parse_machine(definition: object, text: str, problems: Problems) -> Machine | None:
    if not isinstance(definition, dict):
        problems.add(SCHEMA_VALIDATION_FAILED, "The definition is not a JSON object", "/")
        return None
    for field in definition:
        if field not in fields.MACHINE:
            problems.schema(f"Field '{field}' is not supported", "/")
    declared = definition.get("QueryLanguage", QueryLanguage.JSONPATH.value)
    try:
        language = QueryLanguage(declared)
    except ValueError:
        problems.schema(fields.QUERY_LANGUAGES, "/QueryLanguage")
        return None
    timeout_s = optional_whole_number(definition, "TimeoutSeconds", "", problems, minimum=1)
    workflow = WorkflowParser(problems, language).parse(definition, "")
    check_transitions(definition, problems)
    return Machine(workflow or Workflow("", {}), timeout_s, text)
