"""The doors of the page: whom it answers.

A link with a token is printed by `harness up`. Its first use makes a session, whose cookie the browser gets;
from then on the cookie counts, and there is another link for another browser. Everybody on this machine can
connect to a port, and every web page can make the browser send a request to it. So:

- Host must be this machine by its number or as localhost: a name that somebody else lets point here is not.
- A request of another page is refused, also of one at another port of this machine, which browsers take for
  the same site: Sec-Fetch-Site and Origin tell. A link may be followed from anywhere, as it has the token.
- Cookies know no ports: each server on 127.0.0.1 gets those of the others. So the cookie belongs to a path
  below which all of the page lies, and which nobody else can guess.
"""

from __future__ import annotations

import hmac
import re
import secrets
import threading
from collections.abc import Mapping
from typing import Final

LOCAL: Final = re.compile(r"(?:127\.0\.0\.1|localhost)(?::\d{1,5})?")
"""Any port will do, as that of a tunnel."""
_OWN: Final = ("none", "same-origin")


class Doors:
    """Says who may come in; any thread may use it.

    Attributes:
        base: the path below which the page lies, with a slash at its end.
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
        """The token of the next link."""
        with self._lock:
            return self._token

    def spend(self, token: str) -> str | None:
        """Use a token; gives a new session, None when it is not the one of the link, or was used before."""
        with self._lock:
            if not _same(token, self._token):
                return None
            self._token = secrets.token_urlsafe(24)
            session = secrets.token_urlsafe(24)
            self._sessions.add(session)
            return session

    def knows(self, session: str) -> bool:
        """Tell whether a cookie's value is that of a session."""
        with self._lock:
            return any(_same(session, each) for each in self._sessions)

    def set_cookie(self, session: str) -> str:
        """Give the header that hands a session to the browser, until that is closed."""
        return f"{self.cookie}={session}; Path={self.base}; HttpOnly; SameSite=Strict"


def stranger(headers: Mapping[str, str], method: str, *, link: bool) -> str:
    """Say why a request is not of the page itself, or of somebody who types; "" when it is.

    Args:
        link: it follows a link with a token, which other pages may have.
    """
    host = headers.get("Host", "")
    if not LOCAL.fullmatch(host):
        return "This name is not that of the page: open it at 127.0.0.1, with the link of the terminal."
    own = f"http://{host}"
    origin, site = headers.get("Origin"), headers.get("Sec-Fetch-Site")
    if method not in ("GET", "HEAD"):
        if origin == own and site in (None, "same-origin"):
            return ""
        return "Another web page has sent this. Nothing was done."
    if origin not in (None, own):
        return "Another web page asks for this."
    if site is None or site in _OWN or (link and headers.get("Sec-Fetch-Mode") == "navigate"):
        return ""
    return "Another web page leads here. Open this page with the link of the terminal."


def _same(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode())
