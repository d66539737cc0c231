"""Converts scalars to strings as CloudFormation does."""

from __future__ import annotations

from typing import TypeGuard

Scalar = str | bool | int | float


def is_scalar(value: object) -> TypeGuard[Scalar]:
    """Return whether a value is a string, a number or a boolean."""
    return isinstance(value, str | bool | int | float)


def text_of(value: Scalar) -> str:
    """Return a scalar as a string: `true` and `false`, and numbers in the format of Java's `toString`."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return _double(value) if isinstance(value, float) else str(value)


def _double(value: float) -> str:
    """Format a number with a decimal point. Below 0.001 and from 10,000,000 on, it has an exponent.

    See https://docs.oracle.com/javase/8/docs/api/java/lang/Double.html#toString-double-
    """
    text = repr(value)
    if value == 0 or not 1e-3 <= abs(value) < 1e7:
        mantissa, _, exponent = f"{value!r}".partition("e")
        if not exponent:
            if value == 0:
                return text
            mantissa, exponent = _normalised(mantissa)
        return f"{mantissa if '.' in mantissa else mantissa + '.0'}E{int(exponent)}"
    return text


def _normalised(digits: str) -> tuple[str, str]:
    """Split a number without an exponent into a mantissa below ten and an exponent."""
    sign, digits = ("-", digits[1:]) if digits.startswith("-") else ("", digits)
    whole, _, fraction = digits.partition(".")
    everything = (whole + fraction).lstrip("0")
    exponent = len(whole) - 1 if whole.strip("0") else -(len(fraction) - len(fraction.lstrip("0")) + 1)
    rest = everything[1:].rstrip("0") or "0"
    return f"{sign}{everything[0]}.{rest}", str(exponent)
