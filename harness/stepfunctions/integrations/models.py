"""botocore's models of services, read when they are first asked for and then kept."""

from __future__ import annotations

import threading
from functools import cached_property
from pathlib import Path

import botocore.session
from botocore.exceptions import DataNotFoundError, UnknownServiceError
from botocore.model import OperationModel, ServiceModel

from .sdk import boto3_service


class Models:
    """The models of one botocore session, for any thread.

    Attributes:
        lock: is held while the session is used, which is not for several threads.

    Args:
        session: whose data is read; a new one when it is not given.
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
        """The services that botocore has, under boto3's names: its folders, without a look into each."""
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
        """Return boto3's name for a service as `aws-sdk:` has it, None when there is none."""
        with self.lock:
            if sdk_name not in self._sdk_names:
                self._sdk_names[sdk_name] = boto3_service(sdk_name, self.available)
            return self._sdk_names[sdk_name]

    def service(self, name: str) -> ServiceModel | None:
        """Return the model of a service under boto3's name, None when there is none."""
        with self.lock:
            if name not in self._services:
                try:
                    self._services[name] = self.session.get_service_model(name)
                except (UnknownServiceError, DataNotFoundError):
                    self._services[name] = None
            return self._services[name]

    def operation(self, service: str, operation: str) -> OperationModel | None:
        """Return the model of an operation, e.g. `ListBuckets`, None when the service does not have it."""
        model = self.service(service)
        if model is None or operation not in model.operation_names:
            return None
        return model.operation_model(operation)
