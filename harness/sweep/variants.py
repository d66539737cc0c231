"""Finds the faults that apply to a point. Each kind in `harness.functions.faults` defines its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from harness.functions.faults import KINDS
from harness.functions.faults.kind import targets
from harness.functions.shared.model import Target
from harness.observe.tasks import SDK
from harness.scenario import aws_names
from harness.scenario.aws_names import Service
from harness.scenario.faults import HTTP, OF_HTTP
from harness.service_names import capitalized
from harness.sweep.aws_errors import error_codes, operation
from harness.sweep.model import Point, Variant

_STATUSES: Final = ("429", "500", "503")
"""Error statuses to try for an HTTP Task: too many requests, and two statuses that a broken host returns."""


@dataclass(frozen=True)
class _PointOfApi:
    """A point, in the form in which the kinds of faults see it."""

    point: Point

    @property
    def target(self) -> Target:
        return self.point.target

    @property
    def params(self) -> Mapping[str, Any]:
        return self.point.params

    @property
    def fails(self) -> bool:
        return self.point.fails

    @property
    def operation(self) -> str:
        return capitalized(self.point.what.rpartition(":")[2])

    @property
    def api(self) -> Service:
        service = aws_names.service(self.point.what.removeprefix(SDK).partition(":")[0])
        assert service is not None, f"{self.point.what} was called, so the service exists"
        return service

    @property
    def error_codes(self) -> tuple[str, ...]:
        if self.point.what == HTTP:
            return _STATUSES
        return error_codes(operation(self.point.what))


def variants(point: Point, kinds: tuple[str, ...] = ()) -> Iterator[Variant]:
    """Yield the faults of these kinds that apply to a point. Default: all kinds."""
    for kind in KINDS:
        if point.what == HTTP and kind.key not in OF_HTTP:
            continue
        if point.target in targets(kind) and (not kinds or kind.key in kinds):
            for label, keys in kind.variants(_PointOfApi(point)):
                yield Variant(kind.key, label, keys)


def fault(point: Point, variant: Variant, times: str) -> dict[str, Any]:
    """Return the `faults` entry in a scenario for a variant at a point, which fires either once or
    permanently.
    """
    which = {"nth": point.number} if times == "once" else {"from": point.number}
    return {**point.where, **which, **variant.keys}
