"""Accounts in an emulator.

Each scenario gets its own account if the emulator uses a 12-digit access key as the account ID.
"""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import TYPE_CHECKING

from harness.engine.base import Endpoint
from harness.engine.clients import Clients
from harness.engine.keys import Keys

if TYPE_CHECKING:
    import boto3


def own_account(endpoint: Endpoint, session: boto3.session.Session) -> Clients:
    """Return clients for an account that no other run uses, or for the emulator's only account.

    Raises botocore errors if the emulator does not respond.
    """
    account_id = str(10**11 + secrets.randbelow(9 * 10**11))
    clients = Clients(replace(endpoint, account_id=account_id, access_key_id=account_id), session)
    answered = _account_of(clients)
    return clients if answered == account_id else Clients(replace(endpoint, account_id=answered), session)


def account_of_keys(endpoint: Endpoint, keys: Keys, session: boto3.session.Session) -> Clients:
    """Return clients for the account that owns the keys. Raises botocore errors."""
    signed = replace(
        endpoint,
        access_key_id=keys.access_key_id,
        secret_access_key=keys.secret_access_key,
        session_token=keys.session_token,
        users_keys=True,
    )
    return Clients(replace(signed, account_id=_account_of(Clients(signed, session))), session)


def _account_of(clients: Clients) -> str:
    account_id: str = clients.client("sts").get_caller_identity()["Account"]
    return account_id
