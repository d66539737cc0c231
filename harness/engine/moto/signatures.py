"""SNS's signing key. It is always the same, whereas moto generates one for each subscription.

This makes signatures the same in every run. The key is public and does not protect anything.

Patched: `Subscription.private_key` (moto.sns.models).
"""

from __future__ import annotations

import functools
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric import rsa
from moto.sns.models import Subscription

_EXPONENT: Final = 65537
_PRIMES: Final = (
    int(
        "d140738e100013b10c489c3ccdcac18e3d3a8ef3ea44296ccf9ac3c97aa46ee413b3f655c3390d4621e5988026128489"
        "b3da1dd50379e52fd41d8853335afbe9ffe5d33616c901cc1d88f86f4f29ecf1be71667afd097ce32c0341185be0e2ed"
        "675ff36b148d9a9643820ae9f975610f5466b03d44f961363a629eaf46c35fc9",
        16,
    ),
    int(
        "c86341beed4a968452dda554b12261809bcd0760eee9024ad13e60a9b3357b58ebb8bb83396e2757515ff3abcf2ca58e"
        "2825d3ee42d4a3679f1b6ebc1bc13567cda2f3a3b39e0dd5f44e05317e2e7aba2354c69dc7e34ebd192912e7e976a7d7"
        "4d63b40d394b2512e64c2d1aa36c88f83b4ba922fa0721d661dadb7250114b35",
        16,
    ),
)
"""The two 1024-bit primes of the key."""


@functools.cache
def signing_key() -> rsa.RSAPrivateKey:
    """Return the key."""
    p, q = _PRIMES
    d = pow(_EXPONENT, -1, (p - 1) * (q - 1))
    numbers = rsa.RSAPrivateNumbers(
        p=p,
        q=q,
        d=d,
        dmp1=rsa.rsa_crt_dmp1(d, p),
        dmq1=rsa.rsa_crt_dmq1(d, q),
        iqmp=rsa.rsa_crt_iqmp(p, q),
        public_numbers=rsa.RSAPublicNumbers(_EXPONENT, p * q),
    )
    # this check takes 70 ms and is already covered by a test
    return numbers.private_key(unsafe_skip_rsa_key_validation=True)


def install() -> None:
    """Patch moto in this process."""
    patched: Any = Subscription
    patched.private_key = lambda _subscription: signing_key()
