"""External values for templates, from a scenario's `stack` and from `[tool.harness]`.

Messages never show secret values.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Final, Self

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema, model_validator

from harness.given import Given, Outputs, SecretText, StoredParameter
from harness.hidden import hide_given
from harness.json_types import Json
from harness.scenario.base import Model
from harness.scenario.plain import Text, named
from harness.scenario.position import RefusedError

# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/outputs-section-structure.html
_EXPORT: Final = re.compile(r"[A-Za-z0-9:-]{1,255}")
_OUTPUT: Final = re.compile(r"[A-Za-z0-9]{1,255}")
_STACK: Final = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,127}")
# https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-su-create.html
_PARAMETER: Final = re.compile(r"/?[a-zA-Z0-9_.-]+(/[a-zA-Z0-9_.-]+)*")
_PARAMETER_CHARACTERS: Final = 8 * 1024
# https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html
_SECRET: Final = re.compile(
    r"(arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:)?[A-Za-z0-9/_+=.@!-]{1,512}"
)
_SECRET_BYTES: Final = 65_536


def _stored_text(value: str) -> str:
    if not 1 <= len(value) <= _PARAMETER_CHARACTERS:
        raise RefusedError(
            f"invalid length of a parameter's value: {len(value):,} characters",
            f"use 1 to {_PARAMETER_CHARACTERS:,} characters",
        )
    return value


def _in_list(value: str) -> str:
    if not value or "," in value:
        raise RefusedError(f"invalid list entry {value!r}", "write a single entry, without commas")
    return value


def _secure_text(value: Json) -> str:
    if not isinstance(value, str) or not value:
        raise RefusedError("secure: the value of a SecureString must be text", "write it in quotes")
    hide_given(value)
    return value


def _secret_text(value: Json) -> str:
    """Return a secret's text, as JSON for an object. From now on, the text is hidden in all output."""
    if isinstance(value, dict):
        try:
            text = json.dumps(value)
        except (TypeError, ValueError):
            raise RefusedError(
                "the values of a secret must be JSON", "use strings, numbers and mappings"
            ) from None
    elif isinstance(value, str) and value:
        text = value
    else:
        raise RefusedError("a secret must be text, or a mapping with text values", "write text in quotes")
    if len(text.encode()) > _SECRET_BYTES:
        raise RefusedError("the maximum size of a secret is 65,536 bytes", "shorten it")
    hide_given(text)
    return text


def _hidden_mapping(value: Json) -> Json:
    if not isinstance(value, dict):
        raise RefusedError("secrets: expected a mapping", "write the names of secrets with their values")
    return value


ExportName = Annotated[str, named(_EXPORT, "export", "use up to 255 letters, digits, colons and hyphens")]
StackName = Annotated[
    str, named(_STACK, "stack", "use up to 128 letters, digits and hyphens, beginning with a letter")
]
OutputName = Annotated[str, named(_OUTPUT, "output", "use letters and digits")]
ParameterName = Annotated[
    str, named(_PARAMETER, "parameter", "use letters, digits, dots, hyphens and _ between slashes")
]
SecretName = Annotated[
    str, named(_SECRET, "secret", "use letters, digits and /_+=.@!-, or write the secret's ARN")
]
SecretValue = Annotated[
    str,
    BeforeValidator(_secret_text),
    WithJsonSchema({"$comment": "text or mapping", "type": ["string", "object"]}),
]
SecretValues = Annotated[Mapping[SecretName, SecretValue], BeforeValidator(_hidden_mapping)]


class ParameterValue(Model):
    """A parameter in Parameter Store: a String, a StringList or a SecureString."""

    value: Annotated[Text, AfterValidator(_stored_text)] | None = Field(
        default=None, description="The value of a String."
    )
    values: Annotated[tuple[Annotated[Text, AfterValidator(_in_list)], ...], Field(min_length=1)] | None = (
        Field(default=None, description="The values of a StringList.")
    )
    secure: Annotated[str, BeforeValidator(_secure_text), WithJsonSchema({"type": "string"})] | None = Field(
        default=None, repr=False, description="The value of a SecureString. It is never shown."
    )

    short_schema: ClassVar[Mapping[str, object] | None] = {
        "$comment": "text, or a list of strings",
        "type": ["string", "number", "boolean", "array"],
        "items": {"type": ["string", "number", "boolean"]},
    }
    wants: ClassVar[str] = "text, a list of strings, or a mapping with secure"
    may_be_empty: ClassVar[bool] = False

    @classmethod
    def long_form(cls, value: Json) -> Json:
        """Convert a string into `{"value": string}`, and a list into `{"values": list}`."""
        if isinstance(value, list):
            return {"values": value}
        return {"value": value} if isinstance(value, str | int | float) else value

    @model_validator(mode="after")
    def _only_one(self) -> Self:
        if len(self.model_fields_set) > 1:
            raise RefusedError(
                f"a parameter must have exactly one of {', '.join(type(self).model_fields)}",
                "remove the others",
            )
        return self

    def given(self) -> StoredParameter:
        """Return the parameter."""
        if self.secure is not None:
            return StoredParameter(self.secure, "SecureString")
        if self.values is not None:
            return StoredParameter(",".join(self.values), "StringList")
        return StoredParameter(self.value or "")


class GivenValues(Model):
    """External values that can be specified."""

    exports: Mapping[ExportName, Text] = {}
    outputs: Mapping[StackName, Mapping[OutputName, Text]] = {}
    ssm: Mapping[ParameterName, ParameterValue] = {}
    secrets: SecretValues = Field(default={}, repr=False)

    def given(self) -> Mapping[str, Mapping[str, Any]]:
        """The values by their keys."""
        made = given_in(self.exports, self.outputs, self.ssm, self.secrets)
        return {name: getattr(made, name) for name in type(self).model_fields}


def given_in(
    exports: Mapping[str, str],
    outputs: Mapping[str, Mapping[str, str]],
    ssm: Mapping[str, ParameterValue],
    secrets: Mapping[str, str],
) -> Given:
    """The values specified in the file."""
    return Given(
        exports,
        {stack: Outputs(values) for stack, values in outputs.items()},
        {name: each.given() for name, each in ssm.items()},
        {name: SecretText(text) for name, text in secrets.items()},
    )
