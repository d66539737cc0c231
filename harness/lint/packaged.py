"""The template as `aws cloudformation package` leaves it, with the places of the original."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from cfnlint.decode.node import dict_node

# Properties whose local paths are uploaded: the resource's type, the way to the property, and the keys that
# stand there afterwards; without any, it is a URL.
# https://docs.aws.amazon.com/cli/latest/reference/cloudformation/package.html
ARTIFACTS: Final[tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...]] = (
    ("AWS::ApiGateway::RestApi", ("BodyS3Location",), ("Bucket", "Key")),
    ("AWS::AppSync::FunctionConfiguration", ("RequestMappingTemplateS3Location",), ()),
    ("AWS::AppSync::FunctionConfiguration", ("ResponseMappingTemplateS3Location",), ()),
    ("AWS::AppSync::FunctionConfiguration", ("CodeS3Location",), ()),
    ("AWS::AppSync::GraphQLSchema", ("DefinitionS3Location",), ()),
    ("AWS::AppSync::Resolver", ("RequestMappingTemplateS3Location",), ()),
    ("AWS::AppSync::Resolver", ("ResponseMappingTemplateS3Location",), ()),
    ("AWS::AppSync::Resolver", ("CodeS3Location",), ()),
    ("AWS::CloudFormation::ModuleVersion", ("ModulePackage",), ()),
    ("AWS::CloudFormation::ResourceVersion", ("SchemaHandlerPackage",), ()),
    ("AWS::CloudFormation::Stack", ("TemplateURL",), ()),
    ("AWS::ElasticBeanstalk::ApplicationVersion", ("SourceBundle",), ("S3Bucket", "S3Key")),
    ("AWS::Glue::Job", ("Command", "ScriptLocation"), ()),
    ("AWS::Lambda::Function", ("Code",), ("S3Bucket", "S3Key")),
    ("AWS::Lambda::LayerVersion", ("Content",), ("S3Bucket", "S3Key")),
    ("AWS::StepFunctions::StateMachine", ("DefinitionS3Location",), ("Bucket", "Key")),
)
BUCKET: Final = "harness-artifacts"
KEY: Final = "0123456789abcdef"


def package(template: dict[str, object]) -> None:
    """Replace the local paths of a decoded template."""
    for properties, name, keys in _places(template):
        path = properties.get(name)
        # `Code` without a path is the current folder to `aws cloudformation package`.
        if not isinstance(path, str) or path.startswith(("s3://", "http://", "https://")):
            continue
        url = f"https://{BUCKET}.s3.amazonaws.com/{KEY}"
        packaged: object = dict(zip(keys, (BUCKET, KEY), strict=True)) if keys else url
        if isinstance(packaged, dict):
            start, end = getattr(path, "start_mark", None), getattr(path, "end_mark", None)
            packaged = dict_node(packaged, start, end)
        properties[name] = packaged


def _places(template: dict[str, object]) -> Iterator[tuple[dict[str, object], str, tuple[str, ...]]]:
    resources = template.get("Resources")
    for resource in resources.values() if isinstance(resources, dict) else ():
        kind = resource.get("Type") if isinstance(resource, dict) else None
        for artifact, way, keys in ARTIFACTS:
            if artifact != kind:
                continue
            place = resource.get("Properties")
            for step in way[:-1]:
                place = place.get(step) if isinstance(place, dict) else None
            if isinstance(place, dict):
                yield place, way[-1], keys
