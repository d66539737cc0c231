"""An object in a definition during parsing: its fields, its position, and the list of problems."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

from harness.json_types import Json, JsonObject

from ..query.expressions import Expression
from ..query.jsonata.expression import InvalidExpression, compile_jsonata, is_expression
from ..query.jsonpath.path import JsonPath
from ..query.jsonpath.steps import InvalidPath
from ..query.paths import PathExpression, compile_path
from ..query.template import compile_payload_template
from .allowed_fields import JSONATA_ONLY, JSONPATH_ONLY
from .problems import Problems

_WITH_RESULT: Final = ("Task", "Parallel", "Map")
_VARIABLE_LENGTH: Final = 80
"""https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html"""
_MOST: Final = 99_999_999
"""The maximum value that AWS accepts for seconds and for attempts."""
_KINDS: Final = {
    "STRING": (str,),
    "BOOLEAN": (bool,),
    "OBJECT": (dict,),
    "ARRAY": (list,),
    "NUMBER": (int, float),
    "Integer": (int,),
}
"""AWS's type names and Python's types."""


class QueryLanguage(Enum):
    """The query languages for a state's computed fields."""

    JSONPATH = "JSONPath"
    JSONATA = "JSONata"


@dataclass(slots=True, eq=False)
class Source:
    """An object in a definition, such as a state, a workflow or a Retry entry.

    A reader method returns None for a field that is absent or invalid. An invalid field is also reported.

    Attributes:
        fields: the object itself.
        location: its position in AWS's format, e.g. `/States/A`; empty for the whole definition.
        problems: the list to which its problems are added.
        jsonata: true if its computed fields are JSONata.
        prefix: the text before a field's name in JSONata errors, e.g. `Catch[1]/`; empty for a state.
    """

    fields: JsonObject
    location: str
    problems: Problems
    jsonata: bool = False
    prefix: str = ""

    def __contains__(self, field: str) -> bool:
        return field in self.fields

    def get(self, field: str) -> Json:
        """Return a field unchanged, or None if it is absent."""
        return self.fields.get(field)

    def place(self, field: str) -> str:
        """Return the position of a field."""
        return f"{self.location}/{field}"

    def refuse(self, message: str, field: str = "") -> None:
        """Report that a field, or the object as a whole, does not match the schema."""
        self.problems.schema(message, self.place(field) if field else self.location)

    def fits(self, field: str, kind: str, at: int | None = None) -> bool:
        """Return whether a field exists and has the right type. Report a wrong type.

        Args:
            kind: a key in `_KINDS`.
            at: the index of an array entry to check instead of the field.
        """
        if field not in self.fields:
            return False
        value, place = self.fields[field], field
        if at is not None and isinstance(value, list):
            value, place = value[at], f"{field}[{at}]"
        kinds = _KINDS[kind]
        if isinstance(value, kinds) and (bool in kinds or not isinstance(value, bool)):
            return True
        self.refuse(f"Expected value of type {kind if kind == 'Integer' else f'[{kind}]'}", place)
        return False

    def require(self, *fields: str) -> bool:
        """Report missing fields. Return true if none are missing."""
        missing = [field for field in fields if field not in self.fields]
        if missing:
            self.problems.schema(f"These fields are required: [{', '.join(missing)}]", self.location or "/")
        return not missing

    def allow(self, fields: frozenset[str]) -> None:
        """Report fields that are not in this list, and a Comment that is not a string."""
        for field in self.fields:
            if field not in fields:
                self.problems.schema(f"Field '{field}' is not supported", self.location or "/")
        if "Comment" in fields:
            self.text("Comment")

    def one_of(self, field: str, *values: str) -> str | None:
        """Read a string that must be one of these values. Return None if it is absent or invalid."""
        value = self.text(field)
        if value is None or value in values:
            return value
        self.refuse(f"Value should be one of the following: [{', '.join(values)}]", field)
        return None

    def at_most_one(self, *fields: str) -> bool:
        """Report an error if more than one of these fields exists. Return true if at most one exists."""
        if sum(field in self.fields for field in fields) <= 1:
            return True
        self.refuse(f"There should only be one of the following fields: [{', '.join(fields)}]")
        return False

    def exactly_one(self, *fields: str) -> bool:
        """Report an error unless exactly one of these fields exists. Return true if exactly one exists."""
        if any(field in self.fields for field in fields):
            return self.at_most_one(*fields)
        self.refuse(f"This object should have only one of the following fields: [{', '.join(fields)}]")
        return False

    def language(self, inherited: QueryLanguage) -> QueryLanguage:
        """Read QueryLanguage. If the value is invalid, AWS reports it and continues with JSONata."""
        given = self.one_of("QueryLanguage", *(language.value for language in QueryLanguage))
        if given is not None:
            return QueryLanguage(given)
        return QueryLanguage.JSONATA if "QueryLanguage" in self.fields else inherited

    def refuse_foreign(self) -> None:
        """Report fields that belong to the other query language."""
        language, other = QueryLanguage.JSONPATH, QueryLanguage.JSONATA
        foreign = JSONATA_ONLY
        if self.jsonata:
            language, other, foreign = other, language, JSONPATH_ONLY
        for field in self.fields:
            if field in foreign:
                self.refuse(
                    f"The QueryLanguage is set to '{language.value}', but field '{field}' is only supported "
                    f"for the '{other.value}' QueryLanguage"
                )

    def inner(self, field: str) -> Source | None:
        """Read an object, e.g. ItemReader."""
        value = self.fields.get(field)
        if not self.fits(field, "OBJECT") or not isinstance(value, dict):
            return None
        return Source(value, self.place(field), self.problems, self.jsonata, self.prefix)

    def entries(self, field: str) -> list[Source]:
        """Read an array of objects, e.g. Retry. Return an empty array if it is absent or invalid."""
        values = self.fields.get(field)
        if not self.fits(field, "ARRAY") or not isinstance(values, list):
            return []
        entries: list[Source] = []
        for at, value in enumerate(values):
            if isinstance(value, dict):
                place, prefix = f"{self.place(field)}[{at}]", f"{field}[{at}]/"
                entries.append(Source(value, place, self.problems, self.jsonata, prefix))
            else:
                self.fits(field, "OBJECT", at)
        return entries if len(entries) == len(values) else []

    def number(
        self, field: str, *, minimum: int, maximum: int | None = None, fractions: bool = False
    ) -> int | float | None:
        """Read a number within bounds."""
        if field not in self.fields:
            return None
        value = self.fields[field]
        kind = "NUMBER" if fractions and isinstance(value, float) else "Integer"
        if not self.fits(field, kind) or not isinstance(value, int | float):
            return None
        if value < minimum:
            self.refuse(f"Minimum value is {minimum}", field)
        elif maximum is not None and value > maximum:
            self.refuse(f"Maximum value is {maximum}", field)
        else:
            return value
        return None

    def whole_number(self, field: str, *, minimum: int, maximum: int = _MOST) -> int | None:
        """Read a whole number within bounds."""
        value = self.number(field, minimum=minimum, maximum=maximum)
        return value if isinstance(value, int) else None

    def text(self, field: str) -> str | None:
        """Read a string."""
        value = self.fields.get(field)
        if isinstance(value, str):
            return value
        self.fits(field, "STRING")
        return None

    def path(self, field: str) -> PathExpression | None:
        """Read a path. Return `$` if it is absent, and None if it is null."""
        text = self.fields.get(field, "$")
        if text is None:
            return None
        try:
            return compile_path(text if isinstance(text, str) else "")
        except InvalidPath:
            self.refuse("Value must be a valid JSONPath.", field)
            return None

    def reference_path(self, field: str) -> JsonPath | None:
        """Read a Reference Path. Return `$` if it is absent, and None if it is null."""
        path = self.path(field)
        if path is None:
            return None
        if not path.path.is_reference or path.path.root != "$":
            self.refuse("Value is not a Reference Path", field)
        return path.path

    def template(self, field: str) -> Expression[Json] | None:
        """Read a template in the object's query language."""
        return self.jsonata_template(field) if self.jsonata else self.payload_template(field)

    def payload_template(self, field: str) -> Expression[Json] | None:
        """Read a JSONPath payload template."""
        if field not in self.fields:
            return None
        try:
            return compile_payload_template(self.fields[field])
        except InvalidPath as error:
            name = error.location.rpartition("/")[2]
            kinds = "a valid JSONPath or a valid intrinsic function call"
            said = str(error) if error.said else f"The value for the field '{name}' must be {kinds}"
            self.refuse(said, field)  # AWS reports the position of the template, at any depth
            return None

    def assignment(self) -> Expression[Json] | None:
        """Read Assign, whose fields are variable names."""
        assign = self.fields.get("Assign")
        if isinstance(assign, dict):
            for name in assign:
                self._check_variable(name if self.jsonata else name.removesuffix(".$"), name)
        elif not (self.jsonata and is_expression(assign)) and not self.fits("Assign", "OBJECT"):
            return None
        return self.template("Assign")

    def _check_variable(self, variable: str, field: str) -> None:
        place = self.place(f"Assign/{field}")
        if variable == "states":
            self.problems.add(
                "RESERVED_VARIABLE_NAME", "Cannot assign to reserved variable '$states'.", place
            )
        elif not variable.isidentifier() or variable.startswith("_"):
            reason = "the variable name contains invalid characters."
            self.problems.add("INVALID_VARIABLE_NAME", f"Invalid variable name '{variable}': {reason}", place)
        elif len(variable) > _VARIABLE_LENGTH:
            reason = f"the variable name is longer than {_VARIABLE_LENGTH} characters."
            self.problems.add("INVALID_VARIABLE_NAME", f"Invalid variable name '{variable}': {reason}", place)

    def jsonata_template(self, field: str) -> Expression[Json] | None:
        """Read a JSONata template."""
        if field not in self.fields:
            return None
        name = self.prefix + field
        try:
            return compile_jsonata(self.fields[field], name, self._available(field))
        except InvalidExpression as error:
            place = self.place(field) + error.location.removeprefix(name)
            self.problems.add(error.code, str(error), place)
            return None

    def _available(self, field: str) -> frozenset[str]:
        """Return the `$states` fields that are available in this field, in addition to those available
        everywhere.
        """
        if self.prefix.startswith("Catch["):
            return frozenset({"errorOutput"})
        with_result = self.fields.get("Type") in _WITH_RESULT and not self.prefix
        return frozenset({"result"}) if with_result and field in ("Output", "Assign") else frozenset()
