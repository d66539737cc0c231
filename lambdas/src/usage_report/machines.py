"""The machines of one run, created so that a later attempt of the same run finds them."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from usage_report import aws
from usage_report.capacity import Frame, split
from usage_report.definition import Parts, lead_definition, shard_definition
from usage_report.errors import MachinesNotMade, RoleNotReady, Transient
from usage_report.manifest import Manifest
from usage_report.names import deletion_command, machines_in_words, shard_arn

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

# CreateStateMachine has a token bucket of 100, refilled with one token per second:
# https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
PAUSES_S = (1, 2, 4, 8, 16)

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Maker:
    """Creates the machines for one run."""

    sfn: "SFNClient"
    frame: Frame
    run_id: str
    sleep: Callable[[float], None] = time.sleep

    def make(self, arn: str, definition: str) -> bool:
        """Create a machine. Return whether an earlier attempt's different machine has its name, and is kept.

        Raises:
            RoleNotReady: if Step Functions cannot assume the machine's role (yet).
            ClientError: if AWS rejects it for another reason.
        """
        logged = {"run_id": self.run_id, "state_machine_arn": arn}
        try:
            self.sfn.create_state_machine(**self.frame.request(arn, definition))
        except ClientError as error:
            if aws.error_code(error) == "StateMachineAlreadyExists":
                logger.warning("report machine adopted from an earlier attempt", extra=logged)
                return True
            if _role_cannot_be_assumed(error):
                raise RoleNotReady(f"{self.frame.role_arn}: {aws.error_message(error)}") from error
            raise
        logger.info("report machine created", extra=logged)
        return False

    def make_in_turn(self, arn: str, definition: str) -> None:
        """Create one of many machines, with pauses if AWS throttles.

        Raises:
            Transient: if it may be created later.
            ClientError: if AWS rejects it permanently.
        """
        for pause_s in (*PAUSES_S, None):
            try:
                with aws.transient_errors():
                    self.make(arn, definition)
            except (RoleNotReady, Transient) as error:  # the run's first machine already has that role
                if pause_s is None:
                    raise Transient(str(error)) from error
                self.sleep(pause_s)
            else:
                return


def make_sharded(maker: Maker, kept: Manifest, parts: Parts) -> int:
    """Create the report machine and its shards. Return the number of shards.

    The report machine comes first. If it exists already and this attempt wrote the manifest, an earlier
    attempt saw fewer buckets, and created one machine for all of them. That machine counts, and there are no
    shards.

    Raises:
        RoleNotReady: if Step Functions cannot assume the machines' role (yet): nothing was created.
        MachinesNotMade: if AWS rejects one of them permanently.
        Transient: if one of them may be created later.
    """
    arn = maker.frame.machine_arn
    places = split(kept.buckets, maker.frame, parts)
    shard_arns = [shard_arn(arn, number) for number in range(1, len(places) + 1)]
    if maker.make(arn, lead_definition(shard_arns, maker.run_id, parts)) and not kept.adopted:
        return 0
    for made, place in enumerate(places):
        definition = shard_definition([kept.buckets[number] for number in place], place.start, parts)
        try:
            maker.make_in_turn(shard_arns[made], definition)
        except (ClientError, Transient) as error:
            failure = Transient if isinstance(error, Transient) else MachinesNotMade
            raise failure(
                f"{made + 1:,} of {len(places) + 1:,} machines were created, but none was started: "
                f"{machines_in_words(arn, made)}. The next one could not be created: {error}. "
                f"To delete them: {deletion_command(arn, made)}"
            ) from error
    return len(places)


def _role_cannot_be_assumed(error: ClientError) -> bool:
    # "Neither the global service principal states.amazonaws.com, nor the regional one is authorized to assume
    # the provided role." A missing permission of this function itself has another text, and is not retried.
    return aws.error_code(error) == "AccessDeniedException" and "to assume" in aws.error_message(error)
