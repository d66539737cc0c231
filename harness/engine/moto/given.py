"""Values that the user provides in place of resources outside the engine.

Parameters and secrets are also in moto's own stores, in the region and account of the run. The
provided exports and stack outputs do not belong to stacks in the engine. Values from stacks in the
engine take precedence.
"""

from __future__ import annotations

from typing import Any

from moto.core.utils import utcnow
from moto.ssm.models import Parameter, ssm_backends

from harness.given import Given, StoredParameter
from harness.regions import Place

_NOTHING = Given()
_given = _NOTHING
_stored: dict[str, Parameter] = {}
"""The provided parameters as moto stores them."""


def now() -> Given:
    """Return the provided values."""
    return _given


def clear() -> None:
    """Delete the provided values, except those in moto's stores, which other code empties."""
    global _given  # noqa: PLW0603  (one engine per process)
    _given = _NOTHING
    _stored.clear()


def make_way(name: str, place: Place) -> None:
    """Remove a provided parameter from moto's store before a stack creates its own."""
    parameters = ssm_backends[place.account][place.region]._parameters
    if name in _stored and parameters[name] == [_stored.pop(name)]:
        del parameters[name]


def put(given: Given, place: Place) -> None:
    """Add these values to the provided ones. Functions read them through their clients."""
    global _given  # noqa: PLW0603
    _given = given.over(_given)
    for name, parameter in given.ssm.items():
        _put_parameter(name, parameter, place)
    for name, secret in given.secrets.items():
        _put_secret(name, secret.text, place)


def name_in(secret_id: str) -> tuple[str, ...]:
    """Return the names that a secret ID can refer to.

    For an ARN, these are the name in the ARN and the same name without AWS's suffix.
    """
    if not secret_id.startswith("arn:"):
        return (secret_id,)
    name = secret_id.split(":", 6)[-1]
    return (name, name[:-7]) if len(name) > 7 and name[-7] == "-" else (name,)


def secret_text(secret_id: str) -> str | None:
    """Return the string value of a secret that was provided with this ID or one of its names."""
    found = (_given.secrets.get(each) for each in (secret_id, *name_in(secret_id)))
    return next((secret.text for secret in found if secret is not None), None)


def _put_parameter(name: str, parameter: StoredParameter, place: Place) -> None:
    """Put a parameter directly into moto's store.

    moto's API rejects the names that AWS reserves, such as `/aws/service/x`.
    """
    versions = ssm_backends[place.account][place.region]._parameters[name]
    make: Any = Parameter
    _stored[name] = make(
        account_id=place.account,
        name=name,
        value=parameter.value,
        parameter_type=parameter.type,
        description=None,
        allowed_pattern=None,
        keyid=None,
        last_modified_date=utcnow(),
        version=len(versions) + 1,
        data_type="text",
        tier="Standard",
    )
    versions.append(_stored[name])


def _put_secret(secret_id: str, text: str, place: Place) -> None:
    from moto.secretsmanager.models import secretsmanager_backends  # noqa: PLC0415  (start-up)

    backend, name = secretsmanager_backends[place.account][place.region], name_in(secret_id)[-1]
    backend.secrets.pop(name)
    backend.create_secret(
        name=name,
        secret_string=text,
        secret_binary=None,
        description=None,
        tags=[],
        kms_key_id=None,
        client_request_token=None,
        replica_regions=[],
        force_overwrite=False,
    )
    if secret_id.startswith("arn:"):
        backend.secrets[name].arn = secret_id
