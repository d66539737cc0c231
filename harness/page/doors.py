"""Access control for the page.

`harness up` prints a link with a token. The first use of the link creates a session, whose cookie the
browser receives. From then on, the cookie is required, and there is a new link for another browser. Every
user of this machine can connect to a port, and every web page can make the browser send a request to it.
So:

- Host must be this machine, by its address or as localhost. Any other name for this address is rejected.
- A request from another page is rejected, even from another port on this machine, which browsers treat as
  the same site: Sec-Fetch-Site and Origin show this. A link works from anywhere, as it has the token.
- Cookies are not specific to a port: each server on 127.0.0.1 receives the cookies of the others. The cookie
  therefore belongs to a path that contains the whole page, and that cannot be guessed.
"""

from __future__ import annotations

import hmac
import re
import secrets
import threading
from collections.abc import Mapping
from typing import Final

LOCAL: Final = re.compile(r"(?:127\.0\.0\.1|localhost)(?::\d{1,5})?")
"""Any port, for example for a tunnel."""
_OWN: Final = ("none", "same-origin")


class Doors:
    """Decides which requests are allowed. Thread-safe.

    Attributes:
        base: the path that contains the page, with a trailing slash.
        cookie: the name of the cookie.
    """

    def __init__(self) -> None:
        self.base = f"/{secrets.token_hex(8)}/"
        self.cookie = f"harness-{secrets.token_hex(4)}"
        self._lock = threading.Lock()
        self._token = secrets.token_urlsafe(24)
        self._sessions: set[str] = set()

    @property
    def token(self) -> str:
        """The token for the next link."""
        with self._lock:
            return self._token

    def spend(self, token: str) -> str | None:
        """Use a token. Return a new session; None if the token is wrong or was already used."""
        with self._lock:
            if not _same(token, self._token):
                return None
            self._token = secrets.token_urlsafe(24)
            session = secrets.token_urlsafe(24)
            self._sessions.add(session)
            return session

    def knows(self, session: str) -> bool:
        """Return whether a cookie's value identifies a session."""
        with self._lock:
            return any(_same(session, each) for each in self._sessions)

    def set_cookie(self, session: str) -> str:
        """Return the header that stores the session in the browser until the browser is closed."""
        return f"{self.cookie}={session}; Path={self.base}; HttpOnly; SameSite=Strict"


def stranger(headers: Mapping[str, str], method: str, *, link: bool) -> str:
    """Return why a request comes from another page; "" if it comes from this page or the address bar.

    Args:
        link: the request follows a link with a token, which other pages may contain.
    """
    host = headers.get("Host", "")
    if not LOCAL.fullmatch(host):
        return "This host name is not allowed: open the page at 127.0.0.1, with the link from the terminal."
    own = f"http://{host}"
    origin, site = headers.get("Origin"), headers.get("Sec-Fetch-Site")
    if method not in ("GET", "HEAD"):
        if origin == own and site in (None, "same-origin"):
            return ""
        return "Another web page sent this request. It had no effect."
    if origin not in (None, own):
        return "Another web page sent this request."
    if site is None or site in _OWN or (link and headers.get("Sec-Fetch-Mode") == "navigate"):
        return ""
    return "Another web page links here. Open this page with the link from the terminal."


def _same(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode())
