"""The expectation `orders`: the table of orders, with the status of each order and the amount paid for it."""

from collections.abc import Iterator, Mapping
from typing import ClassVar, Literal

from pydantic import Field

from harness.expect import Entry, Json, Mismatch, Model, Natural, Observation, Overall

TABLE = "Orders"
Status = Literal["PLACED", "PAID", "SHIPPED", "REFUNDED", "CANCELLED"]


class Order(Model):
    """An order in the table."""

    status: Status = Field(description="Its status.")
    paid_cents: Natural | None = Field(default=None, description="The charged amount, in cents.")

    short_schema: ClassVar[Mapping[str, object] | None] = {
        "enum": ["PLACED", "PAID", "SHIPPED", "REFUNDED", "CANCELLED"]
    }
    wants: ClassVar[str] = "a status, or a mapping with status and paid_cents"

    @classmethod
    def long_form(cls, value: Json) -> Json:
        """`{"status": status}` for a bare status."""
        return {"status": value} if isinstance(value, str) else value


def compare(wanted: Mapping[str, Order], observation: Observation, entry: Entry) -> Iterator[Mismatch]:
    """Yield every order that is missing, different, or not listed."""
    seen = {str(item["order_id"]): item for item in observation.tables.get(TABLE, ())}
    for order_id, order in wanted.items():
        place, subject = entry.at(order_id), f"order {order_id}"
        if (item := seen.pop(order_id, None)) is None:
            yield place.mismatch("not in the table", order.status, "(no order)", subject)
            continue
        for name, value in (("status", order.status), ("paid_cents", order.paid_cents)):
            if value is not None and item.get(name) != value:
                summary = f"{name}: expected {value}, seen {item.get(name, 'nothing')}"
                yield place.at(name).mismatch(summary, str(value), str(item.get(name)), subject)
    for order_id, item in seen.items():
        yield entry.mismatch(f"not expected, seen {item['status']}", "", item["status"], f"order {order_id}")


EXPECTATIONS = (
    Overall(
        key="orders",
        wanted=Mapping[str, Order],
        description="The table of orders, exactly: an order that is not listed is a mismatch.",
        compare=compare,
    ),
)
