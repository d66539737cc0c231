"""Refunds the payment for an order, unless the order was shipped after all."""

from orders import change, find


def handler(event, context):
    """Return the order's status and the refund, in cents, for `{"order_id": ...}`.

    An order may have been shipped although ShipOrder failed for the state machine: its response was lost.
    Raises OrderChanged if the order has changed since; the state machine retries.
    """
    order = find(event["order_id"])
    status = order.get("status", "CANCELLED")  # the order may not exist at all
    if status in ("PAID", "REFUNDED"):
        change(event["order_id"], "REFUNDED", allowed=["PAID", "REFUNDED"])
        return {"status": "REFUNDED", "refunded_cents": int(order["paid_cents"])}
    if status == "PLACED":
        change(event["order_id"], "CANCELLED", allowed=["PLACED", "CANCELLED"])
        status = "CANCELLED"
    return {"status": status, "refunded_cents": 0}
