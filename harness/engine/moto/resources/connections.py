"""EventBridge connections as resources."""

from __future__ import annotations

from typing import Any, Self

from moto.events.models import events_backends
from moto.secretsmanager.models import secretsmanager_backends

from harness.engine.moto.resources.model import Resource, Wanted
from harness.json_types import as_dict
from harness.stepfunctions.connections import Connection as Described
from harness.stepfunctions.connections import secret_arn


class Connection(Resource):
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-events-connection.html."""

    TYPE = "AWS::Events::Connection"
    NAME = "Name"
    ATTRIBUTES = ("Arn", "SecretArn", "ArnForPolicy")

    @classmethod
    def make(cls, wanted: Wanted) -> Self:
        """Create the connection, and its secret in Secrets Manager."""
        made: Any = events_backends[wanted.account_id][wanted.region].create_connection(
            wanted.name,
            wanted.text("Description"),
            wanted.text("AuthorizationType"),
            as_dict(wanted.properties.get("AuthParameters")),
        )
        secret = secretsmanager_backends[wanted.account_id][wanted.region].secrets[made.secret_arn]
        made.secret_arn = secret.arn = secret_arn(made.arn)
        arn = str(made.arn)
        return cls(wanted.name, {"Arn": arn, "SecretArn": secret_arn(arn), "ArnForPolicy": arn})

    def change(self, wanted: Wanted) -> Self:
        """Update the authorisation of the connection. Its ARN does not change."""
        backend: Any = events_backends[wanted.account_id][wanted.region]
        backend.update_connection(
            name=self.physical_resource_id,
            description=wanted.text("Description"),
            authorization_type=wanted.text("AuthorizationType"),
            auth_parameters=as_dict(wanted.properties.get("AuthParameters")),
        )
        return self

    def delete(self, account_id: str, region_name: str) -> None:
        """Delete the connection."""
        events_backends[account_id][region_name].delete_connection(self.physical_resource_id)


def find(arn: str) -> Described | None:
    """Return a connection by ARN, or None if not found."""
    _, _, _, region, account_id, *_ = [*arn.split(":"), *[""] * 5]
    for connection in events_backends[account_id][region].connections.values() if account_id else ():
        if connection.arn == arn:
            parameters: Any = connection.auth_parameters
            return Described(arn, connection.authorization_type, parameters)
    return None
