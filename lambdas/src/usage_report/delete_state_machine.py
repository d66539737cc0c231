"""delete-state-machine: the machines of a run that succeeded -> deleted."""

import logging
from collections.abc import Iterable
from itertools import islice
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from usage_report import aws
from usage_report.errors import MachinesNotDeleted, Transient
from usage_report.names import machine_arns

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

# The cause of a failure can have 32,768 characters. The failure email contains the command that deletes all
# machines.
MOST_NAMES = 100

logger = logging.getLogger(__name__)


def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Delete the machines of `{"run_id": ..., "state_machine_arn": ..., "shards": ...}`. Return the event.

    AWS deletes in the background, and its response is the same if a machine is already deleted.

    Raises:
        ClientError: if AWS does not delete the only machine.
        MachinesNotDeleted, Transient: if it does not delete some of several, permanently or temporarily.
    """
    arn, shards = event["state_machine_arn"], event["shards"]
    sfn = aws.client("stepfunctions")
    with aws.transient_errors():
        if shards:
            delete_all(sfn, machine_arns(arn, shards))
        else:
            sfn.delete_state_machine(stateMachineArn=arn)
    logger.info("report machines deleted", extra=event)
    return event


def delete_all(sfn: "SFNClient", arns: Iterable[str]) -> None:
    """Delete as many of the machines as AWS permits.

    Raises:
        MachinesNotDeleted: if some remain.
        Transient: if some remain that a later attempt may delete.
    """
    left: dict[str, Exception] = {}
    for arn in arns:
        try:
            with aws.transient_errors():
                sfn.delete_state_machine(stateMachineArn=arn)
        except (ClientError, Transient) as error:
            left[arn] = error
    if not left:
        return
    for_now = any(isinstance(error, Transient) for error in left.values())
    failure = Transient if for_now else MachinesNotDeleted
    names, reason = ", ".join(islice(left, MOST_NAMES)), next(iter(left.values()))
    more = f" and {len(left) - MOST_NAMES} more" if len(left) > MOST_NAMES else ""
    raise failure(f"these machines were not deleted: {names}{more}. AWS error: {reason}")
