"""Speeds up the first AWS client in a forked environment: botocore does most of the work before the fork.

Models, endpoint rules, event names and client methods are prepared once for all forks. Models are kept
without their documentation, because a forked process ends up copying even memory that it only reads.

Measured (2 cores, botocore 1.44): creating the first S3 client in a process takes 115 ms without this module
and 8 ms with it.
"""

from __future__ import annotations

import inspect
import json
import os
import types
from collections.abc import Callable
from typing import Any, BinaryIO

import boto3
import botocore.client
import botocore.endpoint_provider
import botocore.hooks
import botocore.session
from botocore.exceptions import UnknownServiceError
from botocore.loaders import JSONFileLoader, Loader

_SERVICES = ("dynamodb", "s3", "sns", "sqs", "stepfunctions")


def warm_botocore() -> None:
    """Load the models of common services into the cache of every loader that is created later."""
    hooks: Any = botocore.hooks
    hooks.accepts_kwargs = _read_from_code(hooks.accepts_kwargs)
    endpoints: Any = botocore.endpoint_provider
    endpoints.RuleSet = _parsed_once(endpoints.RuleSet)
    _share_names_of_events()
    _share_methods()
    _copy_events_fast()
    files: Any = JSONFileLoader
    load_all = files._load_file
    files._load_file = _load_without_words
    session = botocore.session.Session()
    clients = boto3.Session("-", "-", region_name="us-east-1", botocore_session=session)
    for service in _SERVICES:
        clients.client(service)  # also triggers botocore's lazy imports
    loader = session.get_component("data_loader")
    for service in _SERVICES:
        for kind in ("paginators-1", "waiters-2"):
            try:
                loader.load_service_model(service, kind)
            except UnknownServiceError:  # the service has none
                continue
    files._load_file = load_all
    _share_cache(loader)


def _load_without_words(self: Any, path: str, open_file: Callable[[str, str], BinaryIO]) -> Any:
    """Load a botocore model like `JSONFileLoader`, but without its documentation."""
    if not os.path.isfile(path):
        return None
    with open_file(path, "rb") as file:
        return json.loads(file.read(), object_pairs_hook=_without_words)


def _without_words(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    return {name: "" if name == "documentation" and type(value) is str else value for name, value in pairs}


def _share_methods() -> None:
    """Create the methods for a service's clients only once: they depend only on its model."""
    creator: Any = botocore.client.ClientCreator
    for name in ("_create_methods", "_create_name_mapping"):
        setattr(creator, name, _once_per_model(getattr(creator, name)))


def _once_per_model(make: Callable[[Any, Any], dict[str, Any]]) -> Callable[[Any, Any], dict[str, Any]]:
    known: dict[int, tuple[Any, dict[str, Any]]] = {}  # with the object that the ID belongs to

    def made(self: Any, service_model: Any) -> dict[str, Any]:
        model = service_model._service_description
        if id(model) not in known:
            known[id(model)] = (model, make(self, service_model))
        return dict(known[id(model)][1])

    return made


def _copy_events_fast() -> None:
    """Copy each client's event handlers without calling a function for each handler."""
    hooks: Any = botocore.hooks
    nodes = hooks.NodeList

    def copied(self: Any, node: dict[str, Any]) -> dict[str, Any]:
        copy = dict(node)
        for name, value in node.items():
            if type(value) is nodes:
                copy[name] = nodes(value.first[:], value.middle[:], value.last[:])
            elif type(value) is dict:
                copy[name] = copied(self, value)
        return copy

    hooks._PrefixTrie._recursive_copy = copied


def _share_cache(loader: Any) -> None:
    # Without boto3's own folder, which a boto3 session later appends for its resources.
    paths = Loader().search_paths
    shared = dict(loader._cache)

    def begin_with_it(new: Any) -> None:
        if new.search_paths == paths:
            new._cache.update(shared)

    _after_init(Loader, begin_with_it)


def _share_names_of_events() -> None:
    shared: dict[str, str] = {}

    def share(new: Any) -> None:
        if new._event_aliases == botocore.hooks.EVENT_ALIASES:
            new._alias_name_cache = shared

    _after_init(botocore.hooks.EventAliaser, share)


def _after_init(cls: Any, then: Callable[[Any], None]) -> None:
    initialise = cls.__init__

    def initialise_warm(self: Any, *args: Any, **kwargs: Any) -> None:
        initialise(self, *args, **kwargs)
        then(self)

    cls.__init__ = initialise_warm


def _read_from_code(accepts_kwargs: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Determine from a function's code whether it accepts any keyword. Inspect other callables as usual."""

    def read(handler: Any) -> Any:
        function = handler.__func__ if isinstance(handler, types.MethodType) else handler
        if type(function) is not types.FunctionType or hasattr(function, "__signature__"):
            return accepts_kwargs(handler)
        return function.__code__.co_flags & inspect.CO_VARKEYWORDS

    return read


def _parsed_once(parse: Callable[..., Any]) -> Callable[..., Any]:
    """Parse identical endpoint rules, which never change, only once."""
    known: dict[tuple[int, int], tuple[Any, Any, Any]] = {}  # with the objects that the IDs belong to

    def rule_set(*, rules: Any, partitions: Any, **others: Any) -> Any:
        key = (id(rules), id(partitions))
        if key not in known:
            known[key] = (rules, partitions, parse(rules=rules, partitions=partitions, **others))
        return known[key][2]

    return rule_set
