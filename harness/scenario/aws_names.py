"""Names in AWS APIs: services, operations, parameters, response members, and error codes.

They come from the service models in botocore's data folder. The models are read without botocore, because
importing it takes 150 ms. Reading a model takes 2 to 10 ms. Layout: botocore/loaders.py; content:
botocore/model.py.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from harness.functions.faults.partial import BATCHES
from harness.service_names import boto3_name

# Codes that any service may return even if its model does not list them. Sources: the common errors in the
# API references, and the codes that botocore retries (botocore/retries/standard.py).
_COMMON_CODES = (
    "AccessDeniedException",
    "ExpiredToken",
    "ExpiredTokenException",
    "IncompleteSignature",
    "InternalError",
    "InternalFailure",
    "InternalServerError",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "LimitExceededException",
    "NotAuthorized",
    "OptInRequired",
    "ProvisionedThroughputExceededException",
    "RequestExpired",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "RequestTimeout",
    "RequestTimeoutException",
    "ServiceUnavailable",
    "SignatureDoesNotMatch",
    "ThrottledException",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
    "UnrecognizedClientException",
    "ValidationError",
    "ValidationException",
)
# https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
_S3_CODES = (
    "AccessDenied",
    "AccountProblem",
    "AllAccessDisabled",
    "BucketAlreadyExists",
    "BucketAlreadyOwnedByYou",
    "BucketNotEmpty",
    "ConditionalRequestConflict",
    "EntityTooLarge",
    "IllegalLocationConstraintException",
    "InvalidAccessKeyId",
    "InvalidArgument",
    "InvalidBucketName",
    "InvalidBucketState",
    "InvalidObjectState",
    "InvalidRange",
    "InvalidRequest",
    "InvalidToken",
    "KeyTooLongError",
    "MalformedXML",
    "MethodNotAllowed",
    "MissingContentLength",
    "NoSuchBucket",
    "NoSuchBucketPolicy",
    "NoSuchKey",
    "NoSuchLifecycleConfiguration",
    "NoSuchUpload",
    "NoSuchVersion",
    "NotFound",
    "NotImplemented",
    "NotSignedUp",
    "OperationAborted",
    "PermanentRedirect",
    "PreconditionFailed",
    "Redirect",
    "RequestTimeTooSkewed",
    "SlowDown",
    "TemporaryRedirect",
)
# Additional codes for specific services.
_CODES_OF: Mapping[str, tuple[str, ...]] = {"s3": _S3_CODES, "sns": ("AuthorizationError",)}


@dataclass(frozen=True)
class Shape:
    """The type of a parameter or a response member."""

    shapes: Mapping[str, Any]
    name: str

    @property
    def described(self) -> Mapping[str, Any]:
        """Its description in botocore's service model."""
        described: Mapping[str, Any] = self.shapes[self.name]
        return described

    @property
    def kind(self) -> str:
        """`structure`, `list`, `map`, or the kind of a scalar."""
        return str(self.described["type"])

    @property
    def is_json(self) -> bool:
        """True for a document type, which accepts any JSON value."""
        return bool(self.described.get("document"))

    @property
    def required(self) -> tuple[str, ...]:
        """The required members of a structure."""
        return tuple(self.described.get("required", ()))

    @property
    def members(self) -> Mapping[str, Shape]:
        """The members of a structure, by name."""
        return {
            name: Shape(self.shapes, member["shape"])
            for name, member in self.shapes[self.name].get("members", {}).items()
        }

    @property
    def inner(self) -> Shape:
        """The type of list items or map values."""
        described = self.shapes[self.name]
        return Shape(self.shapes, (described.get("member") or described["value"])["shape"])

    @property
    def key(self) -> Shape:
        """The type of map keys."""
        return Shape(self.shapes, self.described["key"]["shape"])

    @property
    def words(self) -> tuple[str, ...]:
        """The allowed values, if the model lists them."""
        return tuple(self.shapes[self.name].get("enum", ()))


@dataclass(frozen=True)
class Service:
    """A service as described by botocore. `name` is its boto3 name."""

    name: str
    model: Mapping[str, Any]

    @property
    def operations(self) -> tuple[str, ...]:
        """The names of its operations."""
        return tuple(self.model["operations"])

    def input(self, operation: str) -> Shape | None:
        """Return an operation's parameters; None if it has none."""
        return self._shape(operation, "input")

    def output(self, operation: str) -> Shape | None:
        """Return an operation's output shape; None if the output is empty."""
        return self._shape(operation, "output")

    @property
    def error_codes(self) -> tuple[str, ...]:
        """The error codes that the service may return."""
        shapes = self.model["shapes"].items()
        own = (shape.get("error", {}).get("code", name) for name, shape in shapes if shape.get("exception"))
        return tuple(dict.fromkeys([*own, *_CODES_OF.get(self.name, ()), *_COMMON_CODES]))

    def answers_in_part(self, operation: str) -> bool:
        """Return whether a response may omit some of the requested items, as in batches and paginated
        listings.
        """
        output = self.output(operation)
        left_over = set(BATCHES.values()) & (output.members.keys() if output else set())
        return bool(left_over) or "limit_key" in _paginators(self.name).get(operation, {})

    def _shape(self, operation: str, part: str) -> Shape | None:
        described = self.model["operations"][operation].get(part)
        return None if described is None else Shape(self.model["shapes"], described["shape"])


def service_names() -> tuple[str, ...]:
    """Return boto3's service names."""
    return tuple(sorted(path.name for path in _folder().iterdir() if path.is_dir()))


@cache
def service(name: str) -> Service | None:
    """Return a service by its name in boto3, IAM or Step Functions; None if it does not exist."""
    name = boto3_name(name)
    versions = _versions(name, "service-2")
    if not versions:  # `aws-sdk:` names have no hyphens
        name = next((known for known in service_names() if known.replace("-", "") == name), "")
        versions = _versions(name, "service-2")
    return Service(name, _read(versions[-1])) if versions else None


@cache
def _paginators(name: str) -> Mapping[str, Any]:
    versions = _versions(name, "paginators-1")
    paginators: Mapping[str, Any] = _read(versions[-1])["pagination"] if versions else {}
    return paginators


def _versions(name: str, kind: str) -> list[Path]:
    """Return the files of a kind, with the newest API version last."""
    return sorted(_folder().glob(f"{name}/*/{kind}.json*")) if name.replace("-", "").isalnum() else []


def _folder() -> Path:
    found = find_spec("botocore")
    assert found is not None, "boto3 is a dependency of the harness"
    assert found.origin is not None
    return Path(found.origin).parent / "data"


def _read(path: Path) -> Any:
    data = path.read_bytes()
    return json.loads(gzip.decompress(data) if path.suffix == ".gz" else data)
