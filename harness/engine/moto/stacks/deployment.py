"""Creates and updates stacks in CloudFormation's order, and rolls them back after a failure.

Each resource is created after its dependencies. After a failure, all resources that do not depend
on the failed one are still created, so that all problems are reported at once. The stack is then
rolled back, unless the request disables rollback (`OnFailure`, `DisableRollback`).

An update creates and changes resources in the same order. Replaced resources and resources that are
no longer in the template are deleted at the end. Until then, everything can be rolled back.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from moto.core.utils import utcnow

from harness.cloudformation.faults import refuse
from harness.cloudformation.order import dependencies, in_order
from harness.cloudformation.prepare import Prepared
from harness.engine.moto.resources.model import CannotMake
from harness.engine.moto.stacks import making
from harness.engine.moto.stacks.changes import declared_in, is_changed, replaces
from harness.engine.moto.stacks.deletion import INITIATED, backwards, delete_now, remove, remove_all
from harness.engine.moto.stacks.finding import exports_of, importers_of
from harness.engine.moto.stacks.model import FAILED_AND_STAYED, Output, Stack, StackResource
from harness.engine.moto.stacks.policy import StackPolicy, read_policy
from harness.engine.moto.stacks.progress import Before, Unfinished, Work, as_now, taken
from harness.engine.moto.stacks.values import Values
from harness.json_types import JsonObject


def create(stack: Stack, text: str, prepared: Prepared, parameters: Mapping[str, str]) -> None:
    """Create the resources of an empty stack."""
    stack.text, stack.prepared, stack.parameters = text, prepared, dict(parameters)
    stack.tell("CREATE_IN_PROGRESS", INITIATED)
    work = Work()
    problem = _run(stack, prepared, work, "create")
    if problem is None:
        stack.tell("CREATE_COMPLETE")
        return
    if stack.on_failure == "DO_NOTHING":
        stack.tell("CREATE_FAILED", problem)
    elif stack.on_failure == "DELETE":
        delete_now(stack, f"{problem}Delete requested by user.", created=False)
    else:
        stack.tell("ROLLBACK_IN_PROGRESS", f"{problem}Rollback requested by user.")
        remove_all(stack, "ROLLBACK", created=False)


def update(
    stack: Stack,
    text: str,
    prepared: Prepared,
    parameters: Mapping[str, str],
    tags: Mapping[str, str] | None,
    *,
    stay: bool = False,
    policy: StackPolicy | None = None,
) -> None:
    """Update a stack to a new template.

    If `stay` is true, a failed update is not rolled back. `policy` overrides the stack policy.
    """
    was_complete = stack.status not in FAILED_AND_STAYED
    waiting = taken(stack)
    before = waiting.before if waiting else as_now(stack)
    stack.tell("UPDATE_IN_PROGRESS", INITIATED)
    stack.updated = utcnow()
    stack.text, stack.prepared, stack.parameters = text, prepared, dict(parameters)
    if tags is not None:
        stack.tags = dict(tags)
    work = Work(policy=policy or read_policy(stack.policy))
    if waiting:
        work.made, work.changed, work.old = waiting.work.made, waiting.work.changed, waiting.work.old
    work.retags = dict(stack.tags) != dict(before.tags)
    _refuse_deletions(stack, prepared, work)
    problem = _run(stack, prepared, work, "update")
    if problem is None:
        _clean_up(stack, prepared, work)
    elif stay:
        stack.replaced = list(work.old)
        if was_complete or waiting:  # otherwise the stack has never been complete
            stack.unfinished = Unfinished(before, work)
        stack.tell("UPDATE_FAILED", problem)
    else:
        stack.tell("UPDATE_ROLLBACK_IN_PROGRESS", problem)
        _go_back(stack, before, work)


def roll_back(stack: Stack, retained: Iterable[str] = ()) -> None:
    """Roll back a failed stack that was not rolled back at the time of the failure."""
    unfinished = taken(stack)
    if unfinished is None:
        stack.tell("ROLLBACK_IN_PROGRESS", INITIATED)
        remove_all(stack, "ROLLBACK", retained, created=False)
        return
    stack.tell("UPDATE_ROLLBACK_IN_PROGRESS", INITIATED)
    _go_back(stack, unfinished.before, unfinished.work)


def go_on_back(stack: Stack, skipped: Iterable[str]) -> None:
    """Continue a failed rollback, without the skipped resources."""
    unfinished = taken(stack)
    assert unfinished is not None
    stack.tell("UPDATE_ROLLBACK_IN_PROGRESS", INITIATED)
    _go_back(stack, unfinished.before, unfinished.work, frozenset(skipped))


def _refuse_deletions(stack: Stack, prepared: Prepared, work: Work) -> None:
    """Mark resources as failed if the update would delete them but the policy denies the deletion."""
    stays = declared_in(prepared, "Resources")
    for name, resource in stack.resources.items():
        if name not in stays and (reason := work.policy.refusal("Update:Delete", name, resource.type)):
            _fail(stack, resource, CannotMake(reason), work)


def _run(stack: Stack, prepared: Prepared, work: Work, verb: str) -> str | None:
    """Create and update the resources, and evaluate the outputs. Return the failures, or None."""
    values = Values(stack)
    declared = declared_in(prepared, "Resources")
    needs = dependencies(declared)
    for name in in_order(needs):
        entry = declared[name]
        assert isinstance(entry, dict)
        if any(each in work.failed or each in work.skipped for each in needs[name]):
            work.skipped.add(name)
        else:
            _do(stack, values, name, entry, work)
    if work.failed:
        return f"The following resource(s) failed to {verb}: [{', '.join(work.failed)}]. "
    try:
        outputs = values.outputs(declared_in(prepared, "Outputs"))
        _check_exports(stack, outputs)
    except Exception as error:
        return f"{making.why(error, {})}. "
    stack.outputs, stack.imports = outputs, values.imports
    return None


def _check_exports(stack: Stack, outputs: Mapping[str, Output]) -> None:
    """Reject exports that another stack already has, and changes to exports that another stack uses."""
    names = {output.export: output.value for output in outputs.values() if output.export is not None}
    for other, name, _ in exports_of(stack.account_id, stack.region):
        if name in names and other is not stack:
            raise refuse(f"Export with name {name} is already exported by stack {other.name}")
    for output in stack.outputs.values():
        if output.export is None or names.get(output.export) == output.value:
            continue
        if importers := importers_of(stack, output.export):
            what = "updated" if output.export in names else "deleted"
            raise refuse(
                f"Export {output.export} cannot be {what} as it is in use by {' and '.join(importers)}"
            )


def _do(stack: Stack, values: Values, name: str, entry: JsonObject, work: Work) -> None:
    """Create a resource, or update it if necessary."""
    kind = str(entry["Type"])
    now = stack.resources.get(name)
    try:
        properties = values.properties(kind, entry)
    except Exception as error:
        _fail(stack, now or StackResource(name, kind, "", entry, {}, None, ""), error, work)
        return
    if now is None or now.made is None:
        made_name = making.name_of(stack, name, kind, properties)
        _make(stack, StackResource(name, kind, made_name, entry, properties, None, ""), work, "CREATE")
    elif not is_changed(now, entry, properties):
        now.declared = entry
        if work.retags:
            making.tag(stack, now)
    else:
        new = replaces(now, properties)
        refusal = work.policy.refusal("Update:Replace" if new else "Update:Modify", name, kind)
        if refusal:
            _fail(stack, now, CannotMake(refusal), work)
        else:
            (_replace if new else _change)(stack, now, entry, properties, work)


def _make(stack: Stack, resource: StackResource, work: Work, verb: str) -> None:
    stack.resources[resource.logical_id] = resource
    stack.tell_of(resource, f"{verb}_IN_PROGRESS")
    try:
        resource.made = making.make(stack, resource)
    except Exception as error:
        _fail(stack, resource, error, work)
        return
    work.made.append((resource, resource.made))
    if verb == "CREATE":
        stack.tell_of(resource, "CREATE_IN_PROGRESS", "Resource creation Initiated")
    making.finished(stack, resource, f"{verb}_COMPLETE")


def _replace(stack: Stack, now: StackResource, entry: JsonObject, properties: JsonObject, work: Work) -> None:
    """Create a resource that replaces the old one, which is deleted at the end."""
    name = making.name_of(stack, now.logical_id, now.type, properties)
    if name == now.name and making.is_unique(now.type):
        error = CannotMake(
            "CloudFormation cannot update a stack when a custom-named resource requires replacing. Rename "
            f"{name} and update the stack again."
        )
        _fail(stack, now, error, work)
        return
    reason = "Requested update requires the creation of a new physical resource; hence creating one."
    stack.note(now, "UPDATE_IN_PROGRESS", reason, now.physical_id)
    new = StackResource(now.logical_id, now.type, name, entry, properties, None, "")
    _make(stack, new, work, "UPDATE")
    if new.made is None:
        stack.resources[now.logical_id] = now
        now.status, now.reason = "UPDATE_FAILED", new.reason
    else:
        work.old.append(now)


def _change(stack: Stack, now: StackResource, entry: JsonObject, properties: JsonObject, work: Work) -> None:
    before = now.as_now()
    now.declared, now.properties = entry, properties
    stack.tell_of(now, "UPDATE_IN_PROGRESS")
    assert before.made is not None
    try:
        now.made = making.change(stack, now, before.made)
    except Exception as error:
        now.declared, now.properties = before.declared, before.properties
        _fail(stack, now, error, work, properties)
        work.changed.append(before)  # it may be partly changed
        return
    if now.physical_id != before.physical_id:
        work.made.append((now, now.made))
        work.old.append(before)
    else:
        work.changed.append(before)
    making.finished(stack, now, "UPDATE_COMPLETE")


def _fail(
    stack: Stack,
    resource: StackResource,
    error: Exception,
    work: Work,
    properties: JsonObject | None = None,
) -> None:
    """Record that a resource could not be created or updated."""
    reason = making.why(error, resource.declared, properties or resource.properties)
    resource.part = getattr(error, "part", None) if resource.made is None else None
    stack.resources.setdefault(resource.logical_id, resource)
    work.failed[resource.logical_id] = reason
    stack.tell_of(resource, "CREATE_FAILED" if resource.made is None else "UPDATE_FAILED", reason)


def _clean_up(stack: Stack, prepared: Prepared, work: Work) -> None:
    """Delete the resources that the update removed or replaced."""
    stays = declared_in(prepared, "Resources")
    gone = [resource for name, resource in stack.resources.items() if name not in stays]
    stack.tell("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")
    for old in reversed(work.old):
        remove(stack, old, old.policy("UpdateReplacePolicy"))
    stack.replaced = []
    for resource in backwards(gone):
        remove(stack, resource, resource.policy("DeletionPolicy"))
        del stack.resources[resource.logical_id]  # including a retained one
    stack.tell("UPDATE_COMPLETE")


def _go_back(stack: Stack, before: Before, work: Work, skipped: frozenset[str] = frozenset()) -> None:
    """Restore a stack to its state before an update, except for the skipped resources."""
    created = [name for name in stack.resources if name not in before.resources]
    stack.tags = before.tags
    for old in work.old:
        stack.resources[old.logical_id] = old
        making.finished(stack, old, "UPDATE_COMPLETE")
    for name, was in before.resources.items():
        now = stack.resources[name]
        now.name, now.declared, now.properties = was.name, was.declared, was.properties
    changed = [was for was in reversed(work.changed) if was.logical_id in before.resources]
    failed = [
        was.logical_id
        for was in changed
        if was.logical_id not in skipped and not _change_back(stack, was, work)
    ]
    for name in before.resources if work.retags else ():
        if name not in skipped and all(name != was.logical_id for was in (*work.changed, *work.old)):
            making.tag(stack, stack.resources[name])
    for name in skipped:
        stack.tell_of(stack.resources[name], "UPDATE_COMPLETE")
    stack.prepared, stack.text, stack.parameters = before.prepared, before.text, before.parameters
    stack.outputs, stack.imports = before.outputs, before.imports
    if failed:
        stack.unfinished = Unfinished(before, work)
        stack.tell(
            "UPDATE_ROLLBACK_FAILED", f"The following resource(s) failed to update: [{', '.join(failed)}]. "
        )
        return
    stack.tell("UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS")
    for resource, made in reversed(work.made):
        gone = replace(resource, made=made)
        new = resource.logical_id in created
        remove(stack, gone, gone.policy("DeletionPolicy") if new else "Delete", created=False)
    for name in created:
        del stack.resources[name]
    stack.replaced = []
    stack.tell("UPDATE_ROLLBACK_COMPLETE")


def _change_back(stack: Stack, was: StackResource, work: Work) -> bool:
    """Restore a resource. Return True if that succeeded, or if the update had not changed the resource."""
    now = stack.resources[was.logical_id]
    stack.tell_of(now, "UPDATE_IN_PROGRESS")
    assert now.made is not None
    try:
        now.made = making.change(stack, now, now.made)
    except Exception as error:
        if now.logical_id not in work.failed:
            stack.tell_of(now, "UPDATE_FAILED", making.why(error, now.declared))
            return False
    making.finished(stack, now, "UPDATE_COMPLETE")
    return True
