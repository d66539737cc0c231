"""One key with which all subscriptions of the process sign what they deliver.

Patched in moto.sns.models: `Subscription.private_key`, which makes a key for each subscription (40 ms of
work), and remembers the last 128 subscriptions for that, with topics and messages, whatever is reset.
"""

from __future__ import annotations

import functools
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa
from moto.sns.models import Subscription


def install() -> None:
    """Patch moto in this process."""
    patched: Any = Subscription
    patched.private_key = lambda _: _key()


@functools.cache
def _key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)
