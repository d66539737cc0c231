"""Charges the customer for an order.

The charge is stored in the order's row. A shop with a payment provider calls it at this point, with the
order's ID as the idempotency key.
"""

import os

from orders import change


class PaymentDeclined(Exception):
    """The payment is not authorized; a retry does not help."""


def handler(event, context):
    """Return the amount and the ID of the payment for `{"order_id": ..., "items": [...]}`."""
    amount = sum(item["quantity"] * item["price_cents"] for item in event["items"])
    limit = int(os.environ["CARD_LIMIT_CENTS"])
    if amount > limit:
        raise PaymentDeclined(f"{amount} cents are over the limit of {limit} cents")
    change(event["order_id"], "PAID", allowed=["PLACED", "PAID"], paid_cents=amount)
    return {"amount_cents": amount, "payment_id": f"payment-{event['order_id']}"}
