"""Hands a paid order to the carrier."""

import os

from orders import change


class ParcelTooHeavy(Exception):
    """The carrier does not accept the parcel; a retry does not help."""


def handler(event, context):
    """Return the tracking ID of the parcel for `{"order_id": ..., "items": [...]}`."""
    weight = sum(item["quantity"] * item["weight_grams"] for item in event["items"])
    limit = int(os.environ["MAX_PARCEL_GRAMS"])
    if weight > limit:
        raise ParcelTooHeavy(f"{weight} g are over the carrier's {limit} g")
    tracking_id = f"parcel-{event['order_id']}"
    change(event["order_id"], "SHIPPED", allowed=["PAID", "SHIPPED"], tracking_id=tracking_id)
    return {"tracking_id": tracking_id}
