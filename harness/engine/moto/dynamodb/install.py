"""Connects moto's tables to the harness's items.

Patched in moto.dynamodb.models.table: `Table.__init__`, which sets `items` to an `Items` object;
`Table.__len__`, `all_items`, `get_item` and `put_item`, which backups, exports and imports use to
access items; and `describe`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from moto.dynamodb.models.dynamo_type import DynamoType
from moto.dynamodb.models.dynamo_type import Item as MotoItem
from moto.dynamodb.models.table import Table

from . import streams
from .description import described
from .items import Items, KeyPart
from .table_view import TableView
from .values import Item, checked_item


def install(now: Callable[[], float]) -> None:
    """Patch moto in this process. `now` returns the time in seconds since 1970."""
    patched: Any = Table
    make = patched.__init__

    def make_with_items(self: Any, *positional: Any, **named: Any) -> None:
        make(self, *positional, **named)
        self.items = Items(_key(self))
        self.created_at = datetime.fromtimestamp(now(), UTC).replace(tzinfo=None)

    patched.__init__ = make_with_items
    patched.__len__ = lambda self: len(self.items)
    patched.all_items = _all_items
    patched.put_item = _put_item
    patched.describe = described
    streams.install(now)


def _key(table: Table) -> tuple[KeyPart, ...]:
    found = [KeyPart(table.hash_key_attr, table.hash_key_type)]
    if table.range_key_attr is not None and table.range_key_type is not None:
        found.append(KeyPart(table.range_key_attr, table.range_key_type))
    return tuple(found)


def _all_items(table: Table) -> list[MotoItem]:
    """Return the items in the export format."""
    items: Any = table.items
    return [_motos(table, kept.item) for kept in items]


def _put_item(table: Table, item_attrs: dict[str, Any], *_: Any, **__: Any) -> MotoItem:
    """Put an imported item."""
    kept = checked_item(item_attrs)
    view = TableView(table.name, table)
    view.put(view.check_put(kept), kept)
    return _motos(table, kept.item)


def _motos(table: Table, item: Item) -> MotoItem:
    ranges = None if table.range_key_attr is None else DynamoType(item[table.range_key_attr])
    return MotoItem(DynamoType(item[table.hash_key_attr]), ranges, item)
