"""The settings `region`, `account` and `partition` that an engine emulates."""

from __future__ import annotations

from harness.regions import REGION, regions
from harness.settings import DEFAULT, Settings, SettingsError

_SETTINGS = ("region", "account", "partition")
CHOOSABLE = ("moto",)
"""Engines that support any account and region."""
_INSTEAD = {"endpoint": "the engine's keys determine its account; set its region as endpoint_region"}


def check(settings: Settings) -> None:
    """Check that the engine supports the account and region in the settings.

    Raises:
        SettingsError: the engine does not support them, or the partition does not contain the region.
    """
    for name in _SETTINGS:
        origin = settings.origins.get(name, DEFAULT)
        if origin != DEFAULT and settings.engine not in CHOOSABLE:
            instead = _INSTEAD.get(settings.engine, f"choose {', '.join(CHOOSABLE)}, or leave {name} out")
            raise SettingsError(
                f"{origin}: {name} {getattr(settings, name)!r}: the engine {settings.engine} supports "
                f"only its own {name}; {instead}"
            )
    if settings.partition is None:
        return
    region, origin = settings.region or REGION, settings.origins.get("partition", DEFAULT)
    actual = regions().get(region, "aws")
    if settings.partition != actual:
        theirs = [name for name, partition in regions().items() if partition == settings.partition]
        remedy = f"choose one of its regions ({', '.join(theirs)}), or leave partition out" if theirs else ""
        if not theirs:
            from harness.scenario.wording import nearest  # noqa: PLC0415

            known = sorted({*regions().values()})
            remedy = f"the partition is not known; {nearest(settings.partition, known)}"
        raise SettingsError(
            f"{origin}: partition {settings.partition!r}: the region {region} is in {actual}; {remedy}"
        )
