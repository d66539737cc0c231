"""Invariants for orders. `harness sweep` checks them after each fault."""

from collections.abc import Iterator

from harness.sweep.invariants import aws_would_allow_it, ends_within, fault_fires, retries_are_bounded
from harness.sweep.model import Invariant, Played


def nobody_pays_for_nothing(played: Played) -> Iterator[str]:
    """Check that a paying customer gets the goods or the money, or the staff is notified; never both."""
    if played.seen is None:
        return
    told = [message.subject or "" for message in played.seen.messages]
    for order in played.seen.tables["Orders"]:
        name, status = f"order {order['order_id']}", order["status"]
        if status == "PAID" and f"Order {order['order_id']} needs a person" not in told:
            yield f"{name} is paid and neither shipped nor refunded, and the staff is not notified"
        if "tracking_id" in order and status != "SHIPPED":
            yield f"{name} was shipped, but its status is {status}"


def every_end_is_told(played: Played) -> Iterator[str]:
    """Check that an order that was placed ends with a message, unless the message itself failed."""
    if played.seen is None:
        return
    told = " ".join(message.subject or "" for message in played.seen.messages)
    for order in played.seen.tables["Orders"]:
        failed = {run.execution.error for run in played.seen.runs}
        if f"Order {order['order_id']} " not in told and not any("SNS" in (e or "") for e in failed):
            yield f"no message reports the outcome of order {order['order_id']}"


INVARIANTS: tuple[Invariant, ...] = (
    ends_within(3600),
    aws_would_allow_it,
    fault_fires,
    retries_are_bounded,
    nobody_pays_for_nothing,
    every_end_is_told,
)
