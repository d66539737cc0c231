"""A sweep does not send hundreds of requests to the world unasked."""

from __future__ import annotations

from harness.settings import Settings, SettingsError


def refuse_network(settings: Settings, *, allowed: bool) -> None:
    """Refuse to sweep with the setting `network`, unless that is allowed.

    Raises:
        SettingsError: it names the addresses, the reason and the remedy.
    """
    if settings.network and not allowed:
        given = ", ".join(f'"{address}"' for address in settings.network)
        raise SettingsError(
            f"network = [{given}] lets functions connect to the world, and a sweep plays the scenario "
            "hundreds of times, so each request would be sent as often; remove the setting, or allow it with "
            "--allow-network (in pytest allow_network=True)"
        )
