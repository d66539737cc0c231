"""Functions whose arguments are known, so that they need no names from the template."""

from __future__ import annotations

import base64
import ipaddress
import json
from itertools import islice

from harness.cloudformation.faults import refuse
from harness.cloudformation.text import is_scalar, text_of
from harness.json_types import Json

SELECT = "Template error: Fn::Select requires a list argument with two elements: an integer index and a list"


def text(value: Json, function: str) -> str:
    """Return an argument as a string. Raises TemplateRefused if it is a list or an object."""
    if not is_scalar(value):
        raise refuse(f"Template error: every {function} object must have a String-typed value.")
    return text_of(value)


def join(argument: Json) -> Json:
    """Return the value of Fn::Join. Raises TemplateRefused."""
    if (
        not isinstance(argument, list)
        or len(argument) != 2
        or not isinstance(argument[0], str)
        or not isinstance(argument[1], list)
        or not all(is_scalar(part) for part in argument[1])
    ):
        raise refuse(
            "Template error: every Fn::Join object requires two parameters, (1) a string delimiter and (2) a "
            "list of strings to be joined or a function that returns a list of strings (such as Fn::GetAZs) "
            "to be joined."
        )
    return argument[0].join(text_of(part) for part in argument[1] if is_scalar(part))


def split(argument: Json) -> Json:
    """Return the value of Fn::Split. Raises TemplateRefused."""
    if not isinstance(argument, list) or len(argument) != 2 or not all(is_scalar(part) for part in argument):
        raise refuse(
            "Template error: every Fn::Split object requires two parameters, (1) a string delimiter "
            "and (2) a "
            "string to be split or a function that returns a string to be split."
        )
    delimiter, whole = (text_of(part) for part in argument if is_scalar(part))
    if not delimiter:
        raise refuse("Template error: Fn::Split requires a delimiter that is not empty")
    return list(whole.split(delimiter))


def select(argument: Json) -> Json:
    """Return the value of Fn::Select. Raises TemplateRefused."""
    index, values = argument if isinstance(argument, list) and len(argument) == 2 else (None, None)
    number = text_of(index) if is_scalar(index) else ""
    if not isinstance(values, list) or not number.isdecimal():
        raise refuse(SELECT)
    if int(number) >= len(values):
        raise refuse(f"Template error: Fn::Select cannot select nonexistent value at index {number}")
    return values[int(number)]


def base_64(argument: Json) -> Json:
    """Return the value of Fn::Base64. Raises TemplateRefused."""
    return base64.b64encode(text(argument, "Fn::Base64").encode()).decode()


def cidr(argument: Json) -> Json:
    """Return the value of Fn::Cidr. Raises TemplateRefused."""
    parts = argument if isinstance(argument, list) else []
    if len(parts) not in (2, 3) or not all(is_scalar(part) for part in parts):
        raise refuse("Template error: every Fn::Cidr object requires two or three parameters")
    block, count, *bits = (text_of(part) for part in parts if is_scalar(part))
    try:
        network = ipaddress.ip_network(block)
        prefix = network.max_prefixlen - int(bits[0] if bits else 8)
        made = [str(part) for part in islice(network.subnets(new_prefix=prefix), int(count))]
    except ValueError as error:
        raise refuse(f"Template error: Fn::Cidr with {block}, {count}: {error}") from None
    if len(made) < int(count):
        raise refuse(f"Template error: Fn::Cidr cannot make {count} blocks of {block}")
    return list(made)


def length(argument: Json) -> Json:
    """Return the value of Fn::Length. Raises TemplateRefused."""
    if not isinstance(argument, list):
        raise refuse("Template error: Fn::Length requires a list")
    return len(argument)


def to_json(argument: Json) -> Json:
    """Return the value of Fn::ToJsonString. Raises TemplateRefused."""
    if not isinstance(argument, list | dict):
        raise refuse("Template error: Fn::ToJsonString requires a list or an object")
    return json.dumps(argument, separators=(",", ":"), ensure_ascii=False)
