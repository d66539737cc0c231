"""Error pages in the documentation, generated from the pages of `harness explain`."""

from __future__ import annotations

import re
from collections.abc import Mapping

from documentation import text_of

from harness.explaining.pages import files, pages

FOLDER = "reference/errors"
MADE = (
    "This page is generated from `harness/explaining/pages`. `harness explain CODE` prints a section of it."
)


def error_pages() -> Mapping[str, str]:
    """The pages by path in `docs`."""
    made = {f"{FOLDER}/{name}": _page(text) for name, text in files().items()}
    return {f"{FOLDER}/index.md": _index(), **made}


def troubleshooting() -> str:
    """A table of messages and codes, sorted by message text."""
    found = sorted(
        (re.sub(r"[^a-z]", "", message.lower()), message, page.code)
        for page in pages().values()
        for message in page.messages
        if message != page.code
    )
    places = {code: name for name, text in files().items() for code in re.findall(r"(?m)^## (\S+)$", text)}
    rows = [
        f"| {_cell(message)} | [{code}](../{FOLDER}/{places[code]}#{_anchor(code)}) |"
        for _, message, code in found
    ]
    return "\n".join(("| message | code |", "|---|---|", *rows))


def _page(text: str) -> str:
    title, _, rest = text.partition("\n")
    return f"{title}\n\n{MADE}\n{re.sub(r'(?m)^Read: (.+)$', _links, rest)}"


def _links(read: re.Match[str]) -> str:
    return "Read: " + ", ".join(f"[{_title(path)}](../../{path}.md)" for path in read[1].split(", "))


def _title(path: str) -> str:
    """Return the title of a page of the documentation."""
    return text_of(f"{path}.md").partition("\n")[0].removeprefix("# ")


def _index() -> str:
    titles = {name: text.partition("\n")[0].removeprefix("# ") for name, text in files().items()}
    listed = [f"- [{title}]({name})" for name, title in titles.items()]
    tree = [
        "% GitHub does not render the next block, which is the menu of the site that `tox -e docs` builds.",
        "",
        "```{toctree}",
        ":hidden:",
        "",
        *(name.removesuffix(".md") for name in titles),
        "```",
    ]
    intro = [
        "# Errors",
        "",
        "Every error has a code. A failure ends with the command that explains it, such as `harness explain",
        "States.Timeout`. [Troubleshooting](../../how-to/troubleshooting.md) lists errors by their words.",
        "",
    ]
    return "\n".join([*intro, *listed, "", *tree, ""])


def _cell(message: str) -> str:
    return f"`{message.replace('|', chr(92) + '|')}`"


def _anchor(code: str) -> str:
    """The anchor of a heading, as GitHub and MyST generate it."""
    return re.sub(r"[^\w-]", "", code.lower())
