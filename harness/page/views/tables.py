"""DynamoDB tables and their items."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Final

from harness.expect.values import plain
from harness.page.layout import Shown, place
from harness.page.look import MOST_ITEMS, Items, Look
from harness.page.markup import Child, el
from harness.page.views.parts import nothing, number, table

_COLUMNS: Final = 12
_CELL: Final = 300
_IN_A_LINE: Final = 40


def tables_view(look: Look, _query: Mapping[str, str]) -> Shown:
    """List the tables."""
    names = look.tables()
    if not names:
        return Shown("Tables", nothing("No tables yet."))
    links = [el("li", None, el("a", {"href": place("table", name=name)}, name)) for name in names]
    return Shown("Tables", el("ul", {"class": "names"}, links))


def table_view(look: Look, query: Mapping[str, str]) -> Shown | None:
    """Show the items in a table, sorted by key."""
    name = query.get("name", "")
    items = look.items(name)
    if items is None:
        return None
    if not items.listed:
        return Shown(name, nothing("This table is empty."))
    listed = sorted(items.listed, key=lambda item: [_text(item.get(k)) for k in items.key])
    columns = _columns(items)
    rows = [[_cell(item, column) for column in columns] for item in listed]
    notes = []
    if items.more:
        notes.append(f"The first {MOST_ITEMS} items that the table returns.")
    if left := len({each for item in listed for each in item}) - len(columns):
        notes.append(f"{left} attributes are not shown.")
    return Shown(name, el("div", None, table(f"Items in {name}", columns, rows), [*map(nothing, notes)]))


def _columns(items: Items) -> Sequence[str]:
    """Return the attributes: key attributes first, then the attributes that most items have."""
    count: dict[str, int] = {}
    for item in items.listed:
        for name in item:
            count[name] = count.get(name, 0) + 1
    others = sorted((name for name in count if name not in items.key), key=lambda name: (-count[name], name))
    return [*items.key, *others][:_COLUMNS]


def _cell(item: Mapping[str, object], column: str) -> Child:
    if column not in item:
        return ""
    text = _text(item[column])
    if len(text) <= _IN_A_LINE:
        return number(text)
    return text if len(text) <= _CELL else f"{text[:_CELL]}… ({len(text):,} characters)"


def _text(found: object) -> str:
    return found if isinstance(found, str) else json.dumps(found, default=plain, ensure_ascii=False)
