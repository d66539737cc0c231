"""Ensures that a sweep, which can send hundreds of requests to the network, does so only with permission."""

from __future__ import annotations

from harness.settings import Settings, SettingsError


def refuse_network(settings: Settings, *, allowed: bool) -> None:
    """Reject a sweep with the setting `network`, unless that is allowed.

    Raises:
        SettingsError: the setting contains addresses. The message gives the reason and says what to do.
    """
    if settings.network and not allowed:
        given = ", ".join(f'"{address}"' for address in settings.network)
        raise SettingsError(
            f"network = [{given}] lets functions connect to the network, and a sweep runs the scenario "
            "hundreds of times, so each request is sent just as often; remove the setting, or allow it with "
            "--allow-network (in pytest allow_network=True)"
        )
