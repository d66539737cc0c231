"""Functions that look up exports, and stacks by name or ARN."""

from __future__ import annotations

from collections.abc import Iterator

from harness.engine.moto.stacks.model import Stack, ValidationError, backend_of


def stacks_of(account_id: str, region: str) -> list[Stack]:
    """Return the existing stacks in an account and region, oldest first."""
    return [each for each in backend_of(account_id, region).stacks.values() if isinstance(each, Stack)]


def find(account_id: str, region: str, name: str | None, message: str = "Stack [{}] does not exist") -> Stack:
    """Return a stack by its name, or by its ARN even if it is deleted.

    Raises ValidationError with the message.
    """
    found = known(account_id, region, name)
    if found is None:
        raise ValidationError(message=message.format(name))
    return found


def known(account_id: str, region: str, name: str | None) -> Stack | None:
    """Find a stack by its name, or by its ARN even if it is deleted. Return None if not found."""
    backend = backend_of(account_id, region)
    for each in stacks_of(account_id, region):
        if name in (each.name, each.id):
            return each
    found = backend.deleted_stacks.get(name)
    return found if isinstance(found, Stack) else None


def exports_of(account_id: str, region: str) -> Iterator[tuple[Stack, str, str]]:
    """Yield the exports of all stacks as (stack, name, value)."""
    for stack in stacks_of(account_id, region):
        for output in stack.outputs.values():
            if output.export is not None:
                yield stack, output.export, output.value


def importers_of(stack: Stack, name: str) -> list[str]:
    """Return the names of the stacks that import an export of this stack."""
    return importers(stack.account_id, stack.region, name)


def importers(account_id: str, region: str, name: str) -> list[str]:
    """Return the names of the stacks that import the export with this name."""
    return [each.name for each in stacks_of(account_id, region) if name in each.imports]
