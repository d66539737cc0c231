"""Standard library modules and names that only some Python versions have.

Source: "What's New in Python" 3.9 to 3.15, https://docs.python.org/3/whatsnew/
"""

from __future__ import annotations

from collections.abc import Mapping

ADDED: Mapping[str, int] = {
    "annotationlib": 14,
    "compression": 14,
    "graphlib": 9,
    "tomllib": 11,
    "zoneinfo": 9,
}
"""Modules, with the minor version that added each."""

_GONE: Mapping[int, str] = {
    9: "_dummy_thread dummy_threading",
    10: "formatter parser symbol",
    11: "binhex",
    12: "asynchat asyncore distutils imp smtpd",
    13: "aifc audioop cgi cgitb chunk crypt imghdr lib2to3 mailcap msilib nis nntplib ossaudiodev pipes "
    "sndhdr spwd sunau telnetlib uu xdrlib",
}
REMOVED: Mapping[str, int] = {name: minor for minor, names in _GONE.items() for name in names.split()}
"""Modules, with the minor version that removed each."""

_NEW: Mapping[tuple[str, int], str] = {
    ("asyncio", 11): "Barrier Runner TaskGroup timeout timeout_at",
    ("contextlib", 10): "aclosing",
    ("contextlib", 11): "chdir",
    ("copy", 13): "replace",
    ("dataclasses", 10): "KW_ONLY",
    ("datetime", 11): "UTC",
    ("enum", 11): "EnumCheck FlagBoundary ReprEnum StrEnum member nonmember verify",
    ("functools", 9): "cache",
    ("functools", 14): "Placeholder",
    ("hashlib", 11): "file_digest",
    ("http", 11): "HTTPMethod",
    ("inspect", 10): "get_annotations",
    ("itertools", 10): "pairwise",
    ("itertools", 12): "batched",
    ("math", 9): "lcm",
    ("math", 11): "cbrt exp2",
    ("math", 12): "sumprod",
    ("math", 13): "fma",
    ("queue", 13): "ShutDown",
    ("types", 10): "EllipsisType NoneType NotImplementedType UnionType",
    ("types", 12): "get_original_bases",
    ("types", 13): "CapsuleType",
    ("typing", 10): "Concatenate ParamSpec TypeAlias TypeGuard is_typeddict",
    (
        "typing",
        11,
    ): "LiteralString Never NotRequired Required Self TypeVarTuple Unpack assert_never "
    "assert_type dataclass_transform reveal_type",
    ("typing", 12): "TypeAliasType override",
    ("typing", 13): "NoDefault ReadOnly TypeIs get_protocol_members is_protocol",
    ("uuid", 14): "uuid6 uuid7 uuid8",
    ("warnings", 13): "deprecated",
}
NAMES: Mapping[tuple[str, str], int] = {
    (module, name): minor for (module, minor), names in _NEW.items() for name in names.split()
}
"""Names in modules that every version has, with the minor version that added each name."""


def lacks(minor: int, module: str, name: str = "") -> str:
    """Return a message if Python 3.`minor` lacks a module, or a name in it; "" otherwise.

    >>> lacks(10, "tomllib")
    'tomllib has been in the standard library since Python 3.11'
    >>> lacks(12, "imp")
    'imp was removed from the standard library in Python 3.12'
    """
    if minor < ADDED.get(module, 0):
        return f"{module} has been in the standard library since Python 3.{ADDED[module]}"
    if minor >= REMOVED.get(module, minor + 1):
        return f"{module} was removed from the standard library in Python 3.{REMOVED[module]}"
    if minor < NAMES.get((module, name), 0):
        return f"{module}.{name} has been in the standard library since Python 3.{NAMES[module, name]}"
    return ""
