"""A complete page: a single file that cannot load anything else."""

from __future__ import annotations

import base64
import hashlib
from typing import Final

from markupsafe import Markup

from harness.drawing.elements import Child, element, joined
from harness.drawing.style import STYLE

_DIGEST: Final = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
POLICY: Final = (
    f"default-src 'none'; style-src 'sha256-{_DIGEST}'; img-src data:; base-uri 'none'; form-action 'none'"
)
"""The Content-Security-Policy of a page: only this stylesheet is allowed."""
_TYPE: Final = Markup("<!DOCTYPE html>\n")
_STYLE: Final = Markup("<style>{}</style>").format(Markup(STYLE))  # noqa: S704  (a constant)


def document(title: str, *body: Child, policy: str = POLICY) -> Markup:
    """Return a page with its title, policy and stylesheet. `body` is the content of its body."""
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=policy),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="referrer", content="no-referrer"),
        element("link", rel="icon", href="data:,"),
        element("title", title),
        _STYLE,
    )
    return joined(_TYPE, element("html", head, element("body", *body), lang="en"), "\n")
