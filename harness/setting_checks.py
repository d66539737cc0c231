"""Checks of settings whose texts have a form: each gives a sentence about what is wrong, or ""."""

from __future__ import annotations

import re

from harness.regions import REGION, regions

_STACK_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,127}")
"""https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html"""
LAST_WORLD = 999_999_999


def stack_name_problem(name: str) -> str:
    """A sentence about what is wrong with a stack's name, or ""."""
    if _STACK_NAME.fullmatch(name):
        return ""
    return (
        f"stack_name {name!r} is not a stack's name; "
        "use up to 128 letters, digits and hyphens, beginning with a letter"
    )


def hang_problem(text: str) -> str:
    """A sentence about what is wrong with the text of the time after which a function hangs, or ""."""
    from harness.scenario.position import RefusedError  # noqa: PLC0415  (start-up)
    from harness.scenario.units import TIME_REMEDY, seconds  # noqa: PLC0415

    try:
        return "" if seconds(text) else f"hang: {text} is too short for anything; {TIME_REMEDY}"
    except RefusedError as error:
        return f"hang: {error}; {TIME_REMEDY}"


def parameters_problem(text: str) -> str:
    """A sentence about what is wrong with the text of parameters, or ""."""
    if text.startswith("{") or re.match(r"[A-Za-z0-9]+=", text):  # a table is checked by its kind
        return ""
    return f"parameters {text!r} have no names; write Name=Value,Name=Value"


def world_problem(text: str) -> str:
    """A sentence about what is wrong with the number of a world, or ""."""
    if text.isascii() and text.isdecimal() and len(text) <= len(str(LAST_WORLD)) and int(text) <= LAST_WORLD:
        return ""
    return f"world {text!r} is impossible; write a whole number from 0 to {LAST_WORLD}"


def region_problem(region: str) -> str:
    """A sentence about what is wrong with the name of a region, or ""."""
    if region == REGION or region in regions():
        return ""
    from harness.scenario.wording import nearest  # noqa: PLC0415  (pydantic takes a while to import)

    return f"there is no region {region!r}; {nearest(region, sorted(regions()))}"


def account_problem(account: str) -> str:
    """A sentence about what is wrong with the id of an account, or ""."""
    return "" if re.fullmatch(r"[0-9]{12}", account) else f"account {account!r} is none; write its 12 digits"


def isolation_problem(text: str) -> str:
    """A sentence about what is wrong with the kind of isolation, or ""."""
    return "" if text in ("best", "required") else f"isolation {text!r} is none; write best or required"
