"""botocore's service models, read on first use and then cached."""

from __future__ import annotations

import threading
from functools import cached_property
from pathlib import Path

import botocore.session
from botocore.exceptions import DataNotFoundError, UnknownServiceError
from botocore.model import OperationModel, ServiceModel

from .sdk import boto3_service


class Models:
    """The models from one botocore session. Thread-safe.

    Attributes:
        lock: held while the session is used, because a session is not thread-safe.

    Args:
        session: the session whose data is read. Default: a new one.
    """

    def __init__(self, session: botocore.session.Session | None = None) -> None:
        self._given = session
        self._services: dict[str, ServiceModel | None] = {}
        self._sdk_names: dict[str, str | None] = {}
        self.lock = threading.RLock()

    @cached_property
    def session(self) -> botocore.session.Session:
        """The session."""
        return self._given or botocore.session.Session()

    @cached_property
    def available(self) -> frozenset[str]:
        """The services that botocore supports, by boto3 name. Only the names of its folders are read."""
        loader = self.session.get_component("data_loader")
        folders = (Path(path) for path in loader.search_paths)
        return frozenset(
            entry.name
            for folder in folders
            if folder.is_dir()
            for entry in folder.iterdir()
            if entry.is_dir()
        )

    def boto3_service(self, sdk_name: str) -> str | None:
        """Return the boto3 name for an `aws-sdk:` service, or None."""
        with self.lock:
            if sdk_name not in self._sdk_names:
                self._sdk_names[sdk_name] = boto3_service(sdk_name, self.available)
            return self._sdk_names[sdk_name]

    def service(self, name: str) -> ServiceModel | None:
        """Return the model for a service with this boto3 name, or None."""
        with self.lock:
            if name not in self._services:
                try:
                    self._services[name] = self.session.get_service_model(name)
                except (UnknownServiceError, DataNotFoundError):
                    self._services[name] = None
            return self._services[name]

    def operation(self, service: str, operation: str) -> OperationModel | None:
        """Return the model for an operation, e.g. `ListBuckets`, or None if the service does not have it."""
        model = self.service(service)
        if model is None or operation not in model.operation_names:
            return None
        return model.operation_model(operation)
