"""Activities in all accounts and Regions: create and delete them, and assign their tasks to workers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from harness.json_types import JsonObject
from harness.states import ActivityTasks
from harness.stepfunctions.arns import Caller, check_kind, check_name
from harness.stepfunctions.by_arn import ByArn
from harness.stepfunctions.configuration import DEFAULTS, configuration_of
from harness.stepfunctions.errors import ApiError
from harness.stepfunctions.parameters import Parameters
from harness.stepfunctions.tags import read_tags


@dataclass(slots=True)
class Activity:
    """An activity. `encryption` is its encryptionConfiguration."""

    arn: str
    name: str
    created_at: float
    encryption: JsonObject
    tags: dict[str, str] = field(default_factory=dict)


class Activities:
    """The activities, by ARN.

    Args:
        now: returns the time.
        visible_after_s: the time after which a new activity is visible to other calls.
        tasks: the tasks available to workers.
    """

    def __init__(self, now: Callable[[], float], visible_after_s: float, tasks: ActivityTasks) -> None:
        self._now = now
        self._tasks = tasks
        self._deleted: set[str] = set()
        self._by_arn = ByArn[Activity](
            now, visible_after_s, lambda activity: activity.created_at, lambda each: each.arn in self._deleted
        )
        tasks.exists = lambda arn: self._by_arn.existing(arn) is not None

    def create(self, caller: Caller, given: Parameters) -> Activity:
        """Create an activity, or return the existing activity with that name.

        An existing activity must have the same encryption. Its tags are not compared:
        https://docs.aws.amazon.com/step-functions/latest/apireference/API_CreateActivity.html

        Raises:
            ApiError: the request is rejected.
        """
        name = given["name"]
        check_name(name)
        tags = read_tags(given.get("tags") or [])
        asked = configuration_of(given, caller, lambda _caller, _name: True)
        encryption = (DEFAULTS | asked)["encryptionConfiguration"]
        assert isinstance(encryption, dict)
        arn = caller.arn("activity", name)
        existing = self._by_arn.existing(arn)
        if existing is not None:
            if existing.encryption != encryption:
                raise ApiError("ActivityAlreadyExists", f"Activity Already Exists: '{arn}'")
            return existing
        self._deleted.discard(arn)
        made = Activity(arn, name, self._now(), encryption, tags)
        self._by_arn.add(arn, made)
        return made

    def delete(self, caller: Caller, arn: str) -> None:
        """Delete an activity. An activity that does not exist is not an error.

        Raises:
            ApiError: InvalidArn.
        """
        check_kind(arn, "activity")
        if self._by_arn.owned(caller, arn) is not None:
            self._deleted.add(arn)
            self._by_arn.existing(arn)

    def find(self, caller: Caller, arn: str) -> Activity:
        """Find an activity.

        Raises:
            ApiError: InvalidArn, ActivityDoesNotExist.
        """
        check_kind(arn, "activity")
        found = self._by_arn.visible(caller, arn)
        if found is None:
            raise ApiError("ActivityDoesNotExist", f"Activity Does Not Exist: '{arn}'")
        return found

    def tagged(self, caller: Caller, arn: str) -> Activity:
        """Find the activity for a tagging request.

        Raises:
            ApiError: ResourceNotFound.
        """
        found = self._by_arn.owned(caller, arn)
        if found is None:
            raise ApiError("ResourceNotFound", f"Resource not found: '{arn}'")
        return found

    def of(self, caller: Caller) -> list[Activity]:
        """List the activities in an account and Region, sorted by name."""
        mine = (each for each in self._by_arn.all_visible() if caller.owns(each.arn))
        return sorted(mine, key=lambda activity: activity.name)

    def take(self, caller: Caller, given: Parameters) -> JsonObject:
        """Assign an activity's oldest task to a worker, like GetActivityTask. Return {} if no task is
        waiting.

        Raises:
            ApiError: InvalidArn, ActivityDoesNotExist.
        """
        arn = self.find(caller, given["activityArn"]).arn
        task = next(iter(self._tasks.offered(arn)), None)
        if task is None:
            return {}
        self._tasks.take(task, given.get("workerName"))
        return {"taskToken": task.token, "input": task.input}
