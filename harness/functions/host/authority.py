"""The certificate authority for a run, trusted only by the run's functions."""

from __future__ import annotations

import ssl
import threading
from typing import Any


class Authority:
    """An in-memory CA. Its keys are generated on first use and never written to disk."""

    def __init__(self) -> None:
        import trustme  # noqa: PLC0415  (few scenarios have hosts)

        self._trusted: Any = trustme.CA(organization_name="stepfunctions-harness")
        self._unknown: Any = trustme.CA(organization_name="nobody")
        self._contexts: dict[tuple[str, bool], ssl.SSLContext] = {}
        self._lock = threading.Lock()

    @property
    def certificate(self) -> str:
        """Return the CA's own certificate in PEM format."""
        pem: bytes = self._trusted.cert_pem.bytes()
        return pem.decode()

    def context(self, host: str, *, trusted: bool = True) -> ssl.SSLContext:
        """Return a host's TLS settings; if `trusted` is False, its certificate is from an unknown CA."""
        with self._lock:
            key = host, trusted
            if key not in self._contexts:
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                context.set_alpn_protocols(["http/1.1"])
                issuer = self._trusted if trusted else self._unknown
                issuer.issue_cert(host).configure_cert(context)
                self._contexts[key] = context
            return self._contexts[key]
