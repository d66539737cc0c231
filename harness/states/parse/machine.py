"""Definition text -> Machine, or every problem at once. Nothing runs on a definition with problems."""

from __future__ import annotations

from harness.json_types import Json

from ..asl import Machine, Workflow
from ..payload import read_json
from . import allowed_fields as fields
from .integrations import Integrations
from .problems import InvalidDefinition, Problem, Problems
from .source import QueryLanguage, Source
from .states import WorkflowParser
from .transitions import check_transitions


def parse(text: str, integrations: Integrations | None = None) -> Machine:
    """Build the machine of a definition.

    Args:
        integrations: what the Resource of a Task may name; with None that is not looked at.

    Raises:
        InvalidDefinition: AWS would refuse the definition.
    """
    try:
        definition = read_json(text)
        problems = Problems()
        machine = _parse_machine(definition, text, problems, integrations)
    except (ValueError, RecursionError) as error:
        raise InvalidDefinition((Problem("INVALID_JSON_DESCRIPTION", str(error), None),)) from None
    if machine is None or problems.found:
        raise InvalidDefinition(tuple(problems.found))
    return machine


def _parse_machine(
    definition: Json, text: str, problems: Problems, integrations: Integrations | None
) -> Machine | None:
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
    source.one_of("Version", "1.0")
    timeout_s = source.whole_number("TimeoutSeconds", minimum=1)
    workflow = WorkflowParser(problems, language, integrations).parse(source)
    check_transitions(definition, problems)
    return Machine(workflow or Workflow("", {}), timeout_s, text)
