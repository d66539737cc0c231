"""The table of orders. Every change is one conditional write, so repeating it has no effect."""

import os

import boto3


class OrderChanged(Exception):
    """The order has a status that does not permit this step."""


def find(order_id):
    """Return the attributes of an order; empty if it does not exist."""
    return _table().get_item(Key={"order_id": order_id}, ConsistentRead=True).get("Item", {})


def change(order_id, status, *, allowed, **attributes):
    """Set an order's status and attributes. Raises OrderChanged unless its status is one of `allowed`."""
    table = _table()
    values = {"status": status, **attributes}
    conditions = {f":allowed{n}": value for n, value in enumerate(allowed)}
    try:
        table.update_item(
            Key={"order_id": order_id},
            UpdateExpression="SET " + ", ".join(f"#{name} = :{name}" for name in values),
            ConditionExpression=f"#status IN ({', '.join(conditions)})",
            ExpressionAttributeNames={f"#{name}": name for name in values},
            ExpressionAttributeValues={**{f":{name}": value for name, value in values.items()}, **conditions},
        )
    except table.meta.client.exceptions.ConditionalCheckFailedException as error:
        raise OrderChanged(
            f"order {order_id} cannot become {status}: it is not {' or '.join(allowed)}"
        ) from error


def _table():
    return boto3.resource("dynamodb").Table(os.environ["TABLE_NAME"])
