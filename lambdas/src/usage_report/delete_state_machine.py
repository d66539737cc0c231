"""delete-state-machine: the report machine of a run that succeeded -> gone."""

import logging
from typing import Any

from usage_report import aws

logger = logging.getLogger(__name__)


def handler(event: dict[str, str], _context: Any) -> dict[str, str]:
    """Delete the machine of `{"run_id": ..., "state_machine_arn": ...}`, and give the event back.

    AWS deletes in the background, and answers the same when the machine is already gone.
    """
    with aws.transient_errors():
        aws.client("stepfunctions").delete_state_machine(stateMachineArn=event["state_machine_arn"])
    logger.info("report machine deleted", extra=event)
    return event
