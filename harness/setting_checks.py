"""Checks for settings with a string format. Each returns a sentence about the problem, or ""."""

from __future__ import annotations

import re

from harness.regions import REGION, regions

_STACK_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,127}")
"""https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html"""
LAST_WORLD = 999_999_999


def stack_name_problem(name: str) -> str:
    """Return the problem with a stack name, or ""."""
    if _STACK_NAME.fullmatch(name):
        return ""
    return (
        f"stack_name {name!r} is not a valid stack name; "
        "use up to 128 letters, digits and hyphens, beginning with a letter"
    )


def hang_problem(text: str) -> str:
    """Return the problem with the duration after which a function counts as hanging, or ""."""
    from harness.scenario.position import RefusedError  # noqa: PLC0415  (start-up)
    from harness.scenario.units import TIME_REMEDY, seconds  # noqa: PLC0415

    try:
        return "" if seconds(text) else f"hang: {text} is too short; {TIME_REMEDY}"
    except RefusedError as error:
        return f"hang: {error}; {TIME_REMEDY}"


def parameters_problem(text: str) -> str:
    """Return the problem with a parameter string, or ""."""
    if text.startswith("{") or re.match(r"[A-Za-z0-9]+=", text):  # tables are checked by their kind
        return ""
    return f"parameters {text!r} have no names; write Name=Value,Name=Value"


def world_problem(text: str) -> str:
    """Return the problem with a world number, or ""."""
    if text.isascii() and text.isdecimal() and len(text) <= len(str(LAST_WORLD)) and int(text) <= LAST_WORLD:
        return ""
    return f"invalid world {text!r}: write a whole number from 0 to {LAST_WORLD}"


def region_problem(region: str) -> str:
    """Return the problem with a Region name, or ""."""
    if region == REGION or region in regions():
        return ""
    from harness.scenario.wording import nearest  # noqa: PLC0415  (pydantic takes a while to import)

    return f"unknown region {region!r}; {nearest(region, sorted(regions()))}"


def account_problem(account: str) -> str:
    """Return the problem with an account ID, or ""."""
    return (
        ""
        if re.fullmatch(r"[0-9]{12}", account)
        else (f"invalid account {account!r}: write the 12 digits of the account ID")
    )


def isolation_problem(text: str) -> str:
    """Return the problem with the isolation level, or ""."""
    return "" if text in ("best", "required") else f"invalid isolation {text!r}: write best or required"
