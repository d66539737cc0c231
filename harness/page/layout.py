"""The frame for all views: the head, the menu, and the engine's time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from harness.page.look import Look
from harness.page.markup import Html, el, join
from harness.states.timestamps import format_timestamp

_MENU: Final = (
    ("", "Executions"),
    ("start", "Start"),
    ("messages", "Messages"),
    ("tables", "Tables"),
    ("buckets", "Buckets"),
    ("logs", "Logs"),
)
_PARENTS: Final = {"execution": "", "table": "tables", "bucket": "buckets", "object": "buckets"}


@dataclass(frozen=True)
class Shown:
    """A view: its title, and its content. A `still` view is not replaced by a newer one."""

    title: str
    content: Html
    still: bool = False


def place(path: str, **query: str) -> str:
    """Return a path on the page, relative to its base."""
    return path + ("?" + urlencode(query, errors="surrogatepass") if query else "")


def whole(shown: Shown, path: str, look: Look, version: str) -> str:
    """Return the HTML of a view."""
    _, now = look.pulse()
    current = _PARENTS.get(path, path)
    links = [
        el("a", {"href": target or ".", "aria-current": "page" if path == target else "true"}, name)
        if current == target
        else el("a", {"href": target or "."}, name)
        for target, name in _MENU
    ]
    moment = format_timestamp(now)[:19].replace("T", " ") if now is not None else ""
    head = el(
        "header",
        {"class": "top"},
        el("p", {"class": "name"}, el("strong", None, "harness"), " ", look.engine.name),
        el("nav", {"aria-label": "Views"}, links),
        el("p", {"class": "clock"}, el("span", None, "Engine clock "), el("span", {"id": "clock"}, moment))
        if moment
        else None,
    )
    notices = [
        el("div", {"class": "notice", "role": "alert"}, el("pre", None, "\n".join(look.notices)))
        for _ in look.notices[:1]
    ]
    main = el(
        "main",
        {"id": "main", "tabindex": "-1", "data-version": version, "data-still": shown.still},
        notices,
        el("h1", None, shown.title),
        shown.content,
    )
    return _document(
        shown.title,
        el("a", {"class": "skip", "href": "#main"}, "Skip to content"),
        head,
        main,
        el("p", {"class": "lost", "role": "status", "id": "lost"}),
        script=True,
    )


def alone(title: str, text: str) -> str:
    """Return the HTML of an error message."""
    return _document(title, el("main", None, el("h1", None, title), el("pre", {"class": "said"}, text)))


def leads_to(path: str) -> str:
    """Return the HTML of a page that redirects immediately."""
    link = el("p", None, el("a", {"href": path}, "Continue to the page"))
    return _document("harness", el("main", None, link), to=path)


def _document(title: str, *body: Html | None, script: bool = False, to: str = "") -> str:
    head = join(
        [
            el("meta", {"charset": "utf-8"}),
            el("meta", {"name": "viewport", "content": "width=device-width, initial-scale=1"}),
            el("meta", {"name": "color-scheme", "content": "light dark"}),
            el("meta", {"http-equiv": "refresh", "content": f"0;url={to}"}) if to else None,
            el("title", None, title if title == "harness" else f"{title} · harness"),
            el("link", {"rel": "icon", "href": "/page.svg", "type": "image/svg+xml"}),
            el("link", {"rel": "stylesheet", "href": "/page.css"}),
            el("script", {"src": "/page.js", "defer": True}) if script else None,
        ]
    )
    document = el("html", {"lang": "en"}, el("head", None, head), el("body", None, list(body)))
    return f"<!doctype html>\n{document}\n"
