"""Parameters that AWS provides to all accounts, `/aws/service/...`. moto contains some of them."""

from __future__ import annotations

from harness.regions import Place


def is_there(name: str, place: Place) -> bool:
    """Return whether the embedded engine contains a public parameter."""
    from moto.ssm.models import ssm_backends  # noqa: PLC0415  (start-up)

    return ssm_backends[place.account][place.region].get_parameter(name) is not None
