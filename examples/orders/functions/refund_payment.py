"""Gives the money for an order back, unless the order was shipped after all."""

from orders import change, find


def handler(event, context):
    """Give the order's status and what was refunded, in cents, for `{"order_id": ...}`.

    An order may have been shipped although the state machine saw that fail: the answer of ShipOrder was lost.
    Raises OrderChanged if the order changes meanwhile; the state machine tries again.
    """
    order = find(event["order_id"])
    status = order.get("status", "CANCELLED")  # it may not have been placed at all
    if status in ("PAID", "REFUNDED"):
        change(event["order_id"], "REFUNDED", allowed=["PAID", "REFUNDED"])
        return {"status": "REFUNDED", "refunded_cents": int(order["paid_cents"])}
    if status == "PLACED":
        change(event["order_id"], "CANCELLED", allowed=["PLACED", "CANCELLED"])
        status = "CANCELLED"
    return {"status": status, "refunded_cents": 0}
