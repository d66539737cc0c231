"""Checks of the buckets that a distributed Map reads and writes."""

from __future__ import annotations

from ..query.jsonata.expression import is_expression
from ..resource import Resource
from .integrations import Integrations
from .source import Source


def check_storage(source: Source, integrations: Integrations | None) -> None:
    """Note fields of the other query language, and parameters that S3 does not have or that are missing.

    Args:
        integrations: what the parameters are compared with; with None they are not looked at.
    """
    for field in ("ItemReader", "ItemBatcher", "ResultWriter"):
        call = source.get(field)
        if not isinstance(call, dict):
            continue
        inner = Source(call, source.place(field), source.problems, source.jsonata)
        inner.refuse_foreign()
        config = call.get("ReaderConfig")
        if isinstance(config, dict):
            Source(config, inner.place("ReaderConfig"), source.problems, source.jsonata).refuse_foreign()
        if integrations is not None:
            _check_parameters(inner, integrations)


def _check_parameters(call: Source, integrations: Integrations) -> None:
    resource = call.get("Resource")
    if not isinstance(resource, str):
        return
    storage = integrations.storage(Resource.of(resource), jsonata=call.jsonata)
    name = "Arguments" if call.jsonata else "Parameters"
    template = call.fields.get(name, {})
    if storage is not None and not (call.jsonata and is_expression(template)):
        for problem in storage.unfit_template(template):
            call.refuse(problem, name)
