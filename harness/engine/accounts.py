"""Accounts of their own for scenarios, on emulators that take an access key of 12 digits for the account."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from harness.engine.base import Endpoint
from harness.engine.clients import Clients

if TYPE_CHECKING:
    import boto3


def own_account(url: str, session: boto3.session.Session) -> Clients:
    """Clients of an account that nobody else uses; of the only one, where the emulator has but one.

    Raises botocore's errors when it does not answer.
    """
    account_id = str(10**11 + secrets.randbelow(9 * 10**11))
    clients = Clients(Endpoint(url, account_id=account_id, access_key_id=account_id), session)
    answered = clients.client("sts").get_caller_identity()["Account"]
    return clients if answered == account_id else Clients(Endpoint(url, account_id=answered), session)
