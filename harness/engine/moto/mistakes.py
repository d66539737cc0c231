"""Finds mistakes in requests that caused an exception, and reports them with AWS's error messages.

AWS validates a request before anything else.

moto reads a request while processing it, and raises an exception for a missing member or a wrong
type. Validating every request against its model would be slow, so this module does so only after an
exception. If the request is valid, the exception is a bug.

Error codes and messages: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html and
the common errors of the other services' API references.
"""

from __future__ import annotations

import binascii
import json
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final, NamedTuple
from urllib.parse import parse_qsl, unquote
from xml.parsers.expat import ExpatError

from botocore.loaders import Loader
from botocore.model import OperationModel, ServiceModel, Shape
from botocore.validate import ParamValidator

from harness.engine.moto.error_answers import DATED_PATH, is_form
from harness.json_faults import nesting
from harness.json_types import Json, JsonObject

_DEEP: Final = 200
"""The nesting depth from which a stack overflow is attributed to the sender.

Python's limit is a thousand.
"""
_SCOPE: Final = re.compile(r"Credential=([^/,\s]+)/(\d+)/([^/,\s]+)/([^/,\s]+)/")
_SERVICES: Final = {"states": "stepfunctions", "monitoring": "cloudwatch", "email": "ses"}
_TOKENS: Final = frozenset({"nexttoken", "marker", "startingtoken", "position", "paginationtoken"})
_PARSED_HEADERS: Final = ("HTTP_X_AMZ_ACL", "HTTP_X_AMZ_COPY_SOURCE", "HTTP_X_AMZ_GRANT_")
_NOT_FOUND: Final = re.compile(r"NotFound|NoSuch|DoesNotExist|NotExist")
_UNKNOWN_METHOD: Final = "The specified method is not allowed against this resource."


class Mistake(NamedTuple):
    """AWS's error response to an invalid request."""

    status: int
    code: str
    message: str


def mistake_in(environ: dict[str, Any], body: bytes, error: BaseException) -> Mistake | None:
    """Return the caller's mistake that caused an exception, or None if it is a bug."""
    try:
        return next(_mistakes(environ, body, error), None)
    # if a request cannot be analysed, the exception itself is reported
    except Exception:
        return None


def _mistakes(environ: dict[str, Any], body: bytes, error: BaseException) -> Iterator[Mistake]:
    if isinstance(error, UnicodeEncodeError) and error.encoding == "utf-8":
        yield _malformed(f"invalid Unicode text: {error}")
    if isinstance(error, RecursionError):
        text = body.decode(errors="replace")
        if nesting(text, _DEEP)[0] > _DEEP or text.count("<") > _DEEP:
            yield _malformed("the request is nested too deeply")
    yield from _unsigned(environ, error)
    if isinstance(error, binascii.Error):
        yield _malformed(f"a binary value is not base64: {error}")
    if isinstance(error, ExpatError):
        message = "The XML you provided was not well-formed or did not validate against our published schema"
        yield Mistake(400, "MalformedXML", message)
    service = _service(environ)
    if service == "s3":
        yield from _of_s3(environ, error)
        return
    if isinstance(error, json.JSONDecodeError) and not body:
        yield _malformed("the body is empty")
    model = _model(service)
    given, operation, problem = _given(model, environ, body)
    if problem is not None:
        yield problem
    if operation is not None and operation.input_shape is not None and isinstance(given, dict):
        yield from _of_members(operation.input_shape, given, error, model.metadata["protocol"])
        yield from _not_there(operation, given, error)


def _unsigned(environ: dict[str, Any], error: BaseException) -> Iterator[Mistake]:
    """Find a mistake in a signature. Requests that do not need a signature are not checked."""
    header: str = environ.get("HTTP_AUTHORIZATION", "")
    scope = _SCOPE.search(header)
    if scope is None and header and not header.startswith("AWS "):
        message = (
            "Authorization header requires 'Credential' parameter with a key, a date, a region and a service."
        )
        yield Mistake(403, "IncompleteSignature", message)
    if scope is not None and isinstance(error, KeyError) and error.args == (scope[3],):
        message = f"Credential should be scoped to a valid region, not '{scope[3]}'."
        yield Mistake(403, "SignatureDoesNotMatch", message)
    named = environ.get("HTTP_X_AMZ_TARGET") or DATED_PATH.match(environ.get("PATH_INFO", ""))
    if not header and (named or is_form(environ)):
        yield Mistake(403, "MissingAuthenticationToken", "Missing Authentication Token")


def _of_s3(environ: dict[str, Any], error: BaseException) -> Iterator[Mistake]:
    """Find a mistake in an S3 request, whose parameters are in the path, query and headers."""
    odd = [name for name in environ if name.startswith(_PARSED_HEADERS)]
    if odd and isinstance(error, AssertionError | AttributeError | IndexError | ValueError):
        name = odd[0].removeprefix("HTTP_").replace("_", "-").lower()
        yield Mistake(400, "InvalidArgument", f"Argument format not recognized: {name}")
    if isinstance(error, KeyError) and error.args == ("DEFAULT",):
        yield Mistake(405, "MethodNotAllowed", _UNKNOWN_METHOD)
    if isinstance(error, NotImplementedError) and environ.get("REQUEST_METHOD") == "POST":
        yield Mistake(405, "MethodNotAllowed", _UNKNOWN_METHOD)
    query = dict(parse_qsl(environ.get("QUERY_STRING", "")))
    for name in ("max-keys", "max-uploads", "max-parts", "partNumber", "part-number-marker"):
        if name in query and not query[name].isdecimal():
            yield Mistake(400, "InvalidArgument", f"Provided {name} not an integer or within integer range")


def _given(
    model: ServiceModel, environ: dict[str, Any], body: bytes
) -> tuple[Json, OperationModel | None, Mistake | None]:
    """Return the parameters and operation of a request, or the mistake in the request as a whole."""
    protocol = model.metadata["protocol"]
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        return None, None, _malformed(f"the body is not UTF-8: {error}")
    if protocol == "query":
        fields = dict(parse_qsl(text, keep_blank_values=True))
        name = fields.get("Action", "")
        if name not in model.operation_names:
            message = f"The action {name} is not valid for this web service."
            return None, None, Mistake(400, "InvalidAction", message)
        asked = model.operation_model(name)
        return _structure(asked.input_shape, fields, ""), asked, None
    if protocol == "rest-json":
        operation, given = _rest(model, environ)
    else:
        name = environ.get("HTTP_X_AMZ_TARGET", "").rpartition(".")[2]
        if name not in model.operation_names:
            message = f"{name} is not an operation of this service"
            return None, None, Mistake(400, "UnknownOperationException", message)
        operation, given = model.operation_model(name), {}
    try:
        read: Json = json.loads(text or "{}")
    except ValueError as error:
        return None, None, _malformed(f"the body is not JSON: {error}")
    if not isinstance(read, dict):
        return None, None, _malformed("the body is not a JSON object")
    return {**given, **read}, operation, None


def _rest(model: ServiceModel, environ: dict[str, Any]) -> tuple[OperationModel | None, JsonObject]:
    """Return the operation for a method and a path, and the members in the path."""
    path = unquote(environ.get("RAW_URI", environ.get("PATH_INFO", "")).partition("?")[0]).rstrip("/")
    for name in model.operation_names:
        operation = model.operation_model(name)
        pattern = re.sub(
            r"\\\{(\w+)(?:\\\+)?\\\}",
            r"(?P<\1>.+)",
            re.escape(operation.http["requestUri"].partition("?")[0]),
        )
        found = re.fullmatch(pattern.rstrip("/"), path)
        if found and operation.http["method"] == environ.get("REQUEST_METHOD"):
            return operation, dict(found.groupdict())
    return None, {}


def _structure(shape: Shape | None, fields: dict[str, str], prefix: str) -> Json:
    """Return the value of the form fields that begin with a prefix, parsed according to the shape.

    A value of the wrong type stays a string.
    """
    if shape is None:
        return None
    below = {name for name in fields if name.startswith(f"{prefix}.") or not prefix}
    if shape.type_name == "structure":
        members: JsonObject = {}
        for name, inner in shape.members.items():  # type: ignore[attr-defined]
            key = f"{prefix}.{name}" if prefix else name
            if key in fields or any(each.startswith(f"{key}.") for each in below):
                members[name] = _structure(inner, fields, key)
        return members
    if shape.type_name == "list":
        numbers = {m[1] for each in below if (m := re.match(rf"{re.escape(prefix)}\.(?:\w+\.)?(\d+)", each))}
        kind = "member." if any(f"{prefix}.member." in each for each in below) else ""
        inner = shape.member  # type: ignore[attr-defined]
        return [_structure(inner, fields, f"{prefix}.{kind}{number}") for number in sorted(numbers, key=int)]
    text = fields.get(prefix)
    if shape.type_name in ("integer", "long") and text is not None:
        return int(text) if re.fullmatch(r"-?\d{1,18}", text) else text
    if shape.type_name == "boolean":
        return {"true": True, "false": False}.get(text or "", text)
    return {} if shape.type_name == "map" else text


def _of_members(shape: Shape, given: JsonObject, error: BaseException, protocol: str) -> Iterator[Mistake]:
    """Find a mistake in parameters according to the model, or a pagination token that was not issued."""
    query = protocol == "query"
    invalid = "ValidationError" if query else "ValidationException"
    report = ParamValidator().validate(given, shape)
    if report.has_errors():
        wrong_type = any(kind in ("invalid type", "unable to encode to json") for kind, *_ in report._errors)
        malformed = "MalformedInput" if query else "SerializationException"
        text = report.generate_report().replace("\n", "; ")
        yield Mistake(400, malformed if wrong_type else invalid, text)
    missing = error.args[0] if isinstance(error, KeyError) and error.args else None
    if isinstance(missing, str) and _lacks(shape, given, missing):
        yield Mistake(400, invalid, f"Missing required parameter: {missing}")
    tokens = [name for name, value in given.items() if name.lower() in _TOKENS and value]
    if tokens and isinstance(error, ValueError | KeyError | IndexError):
        yield Mistake(400, invalid, f"Invalid value for {tokens[0]}")


def _not_there(operation: OperationModel, given: Json, error: BaseException) -> Iterator[Mistake]:
    """Find a missing resource that moto looks up without checking that it exists."""
    name = error.args[0] if isinstance(error, KeyError) and error.args else None
    errors = [shape for shape in operation.error_shapes if _NOT_FOUND.search(shape.name)]
    if isinstance(name, str) and len(errors) == 1 and name in _texts(given):
        described = errors[0].metadata.get("error", {})
        code = described.get("code", errors[0].name)
        yield Mistake(described.get("httpStatusCode", 400), code, f"{name!r} was not found.")


def _texts(value: Json) -> Iterator[str]:
    """Yield the strings in parameters, at any depth."""
    if isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _texts(each)
    elif isinstance(value, str):
        yield value


def _lacks(shape: Shape, given: Json, name: str) -> bool:
    """Return whether a structure in the parameters lacks a member with this name that its shape defines."""
    if shape.type_name == "list" and isinstance(given, list):
        return any(_lacks(shape.member, each, name) for each in given)  # type: ignore[attr-defined]
    if shape.type_name != "structure" or not isinstance(given, dict):
        return False
    members = shape.members  # type: ignore[attr-defined]
    inner = (_lacks(members[key], value, name) for key, value in given.items() if key in members)
    return (name in members and name not in given) or any(inner)


def _malformed(message: str) -> Mistake:
    return Mistake(400, "SerializationException", message)


def _service(environ: dict[str, Any]) -> str:
    scope = _SCOPE.search(environ.get("HTTP_AUTHORIZATION", ""))
    return _SERVICES.get(scope[4], scope[4]) if scope else "s3"


@lru_cache(maxsize=16)
def _model(service: str) -> ServiceModel:
    return ServiceModel(Loader().load_service_model(service, "service-2"), service)
