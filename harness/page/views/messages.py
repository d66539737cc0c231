"""The inbox: messages from topics, and text messages to phones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from harness.page.layout import Shown
from harness.page.look import Look
from harness.page.markup import el
from harness.page.views.parts import folded, moment, nothing, value

MOST: Final = 200


def messages_view(look: Look, _query: Mapping[str, str]) -> Shown:
    """Show the messages, newest first. The newest one is expanded."""
    if not look.knows_all:
        return Shown("Messages", nothing(f"{look.engine.name} does not report messages."))
    sent = look.messages()
    if not sent:
        return Shown(
            "Messages", nothing("No messages yet. Messages published to a topic appear on this page.")
        )
    shown = [
        folded(
            f"message-{number}",
            [
                el("span", {"class": "to"}, each.to.rpartition(":")[2]),
                " ",
                el("strong", None, each.subject or "(no subject)"),
                " ",
                moment(each.at),
            ],
            value(each.body, f"Message {number}"),
            opened=number == len(sent),
        )
        for number, each in reversed([*enumerate(sent, 1)][-MOST:])
    ]
    more = len(sent) - len(shown)
    return Shown(
        "Messages", el("div", None, shown, nothing(f"{more:,} older ones are not shown.") if more else None)
    )
