"""Lambda functions and related resources: versions, aliases, layers and permissions."""

from __future__ import annotations

import base64
import json
import re
from contextlib import suppress
from functools import partial
from typing import Any, Final, Self

from moto.awslambda.exceptions import UnknownFunctionException
from moto.awslambda.models import LambdaBackend, LambdaFunction, lambda_backends

from harness.constraints import matching, violation
from harness.engine.moto.resources.halves import HALVES
from harness.engine.moto.resources.model import CannotMake, Resource, Wanted
from harness.engine.moto.resources.of_moto import OfMoto

# https://docs.aws.amazon.com/lambda/latest/api/API_PublishLayerVersion.html
_LAYER_NAME: Final = re.compile(r"[a-zA-Z0-9-_]{1,140}|arn:[a-zA-Z0-9-]+:lambda:[\w-]+:\d{12}:layer:[\w-]+")


def _lambda(account_id: str, region: str) -> LambdaBackend:
    return lambda_backends[account_id][region]


class Function(OfMoto):
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-function.html.

    Its tags come from the template, the stack, and CloudFormation itself:
    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cfn-console-add-tags.html
    """

    TYPE = "AWS::Lambda::Function"
    NAME = "FunctionName"
    MODEL = LambdaFunction

    @classmethod
    def make(cls, wanted: Wanted) -> Self:
        """Create the function with its tags."""
        made = super().make(wanted)
        made._tag(wanted)
        return made

    def change(self, wanted: Wanted) -> Self:
        """Update the settings, code and tags of the function."""
        properties = self._declared(wanted)["Properties"]
        code = properties["Code"]
        if "ZipFile" in code:  # the content of a file, while the API expects an archive
            archive = LambdaFunction._create_zipfile_from_plaintext_code(code["ZipFile"])
            code = {**code, "ZipFile": base64.b64encode(archive).decode()}
        function = self.model

        def configure() -> None:
            function.update_configuration(_with_defaults(properties))
            function.layers = function._get_layers_data(properties.get("Layers", []))

        before, after = dict(self.wanted.properties), dict(wanted.properties)
        both = before.pop("Code", None) != after.pop("Code", None) and before != after
        HALVES.update(function, partial(function.update_function_code, code), configure, both=both)
        changed = type(self)(function, wanted)
        changed._tag(wanted)
        return changed

    def _tag(self, wanted: Wanted) -> None:
        own = {**wanted.tags, "aws:cloudformation:logical-id": wanted.logical_id, **wanted.own_tags()}
        self.model.tags = own


def _with_defaults(properties: dict[str, Any]) -> dict[str, Any]:
    """Return the settings of a function, with defaults for settings that are not declared."""
    return {
        "Description": "",
        "Environment": {"Variables": {}},
        "MemorySize": 128,
        "Timeout": 3,
        **properties,
    }


class Version(Resource):
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-version.html."""

    TYPE = "AWS::Lambda::Version"
    ATTRIBUTES = ("FunctionArn", "Version")

    @classmethod
    def make(cls, wanted: Wanted) -> Self:
        """Publish a version. If nothing has changed, the previous version is returned."""
        backend = _lambda(wanted.account_id, wanted.region)
        made = backend.publish_version(wanted.text("FunctionName"), wanted.text("Description"))
        if made is None:
            raise CannotMake(f"function {wanted.text('FunctionName')} not found")
        arn, number = made.function_arn, str(made.version)
        return cls(arn, {"FunctionArn": arn, "Version": number})

    def delete(self, account_id: str, region_name: str) -> None:
        """Delete the version, unless the function is already deleted."""
        with suppress(UnknownFunctionException):
            _lambda(account_id, region_name).delete_function(self.physical_resource_id)


class Alias(Resource):
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-alias.html."""

    TYPE = "AWS::Lambda::Alias"
    ATTRIBUTES = ("AliasArn",)

    def __init__(self, arn: str, function: str, name: str) -> None:
        super().__init__(arn, {"AliasArn": arn})
        self.function, self.name = function, name

    @classmethod
    def make(cls, wanted: Wanted) -> Self:
        """Create an alias for a version."""
        function, name = wanted.text("FunctionName"), wanted.text("Name")
        made = _lambda(wanted.account_id, wanted.region).create_alias(
            name,
            function,
            wanted.text("FunctionVersion"),
            wanted.text("Description"),
            _routing(wanted.properties.get("RoutingConfig")) or "",  # type: ignore[arg-type]
        )
        return cls(made.arn, function, name)

    def delete(self, account_id: str, region_name: str) -> None:
        """Delete the alias, unless the function is already deleted."""
        with suppress(UnknownFunctionException):
            _lambda(account_id, region_name).delete_alias(self.name, self.function)


def _routing(config: Any) -> dict[str, dict[str, float]]:
    """Convert the routing weights of an alias from CloudFormation's list to the API's format."""
    listed = config.get("AdditionalVersionWeights") if isinstance(config, dict) else None
    weights = {str(each["FunctionVersion"]): float(each["FunctionWeight"]) for each in listed or ()}
    return {"AdditionalVersionWeights": weights} if weights else {}


class LayerVersion(Resource):
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-layerversion.html."""

    TYPE = "AWS::Lambda::LayerVersion"
    NAME = "LayerName"
    UNIQUE = False
    ATTRIBUTES = ("LayerVersionArn",)

    @classmethod
    def make(cls, wanted: Wanted) -> Self:
        """Publish a layer version."""
        if not _LAYER_NAME.fullmatch(wanted.name):
            raise CannotMake(violation("layerName", matching(_LAYER_NAME.pattern), wanted.name))
        backend = _lambda(wanted.account_id, wanted.region)
        made = backend.publish_layer_version({**wanted.properties, "LayerName": wanted.name})
        return cls(made.arn, {"LayerVersionArn": made.arn})

    def delete(self, account_id: str, region_name: str) -> None:
        """Delete the layer version."""
        layer, _, version = self.physical_resource_id.rpartition(":")
        _lambda(account_id, region_name).delete_layer_version(layer.rpartition(":")[2], version)


class Permission(Resource):
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-permission.html."""

    TYPE = "AWS::Lambda::Permission"
    ATTRIBUTES = ("Id",)

    def __init__(self, sid: str, function: str) -> None:
        super().__init__(sid, {"Id": sid})
        self.function = function

    @classmethod
    def make(cls, wanted: Wanted) -> Self:
        """Add a statement to the policy of the function, its version or its alias."""
        function = wanted.text("FunctionName")
        given = {name: value for name, value in wanted.properties.items() if name != "FunctionName"}
        _, _, name = function.rpartition(":function:")
        qualifier: Any = name.partition(":")[2] or None
        _lambda(wanted.account_id, wanted.region).add_permission(
            function, qualifier, json.dumps({**given, "StatementId": wanted.name})
        )
        return cls(wanted.name, function)

    def delete(self, account_id: str, region_name: str) -> None:
        """Remove the statement, unless the function is already deleted."""
        with suppress(UnknownFunctionException):
            _lambda(account_id, region_name).remove_permission(self.function, self.physical_resource_id)
