"""Properties that can hold local paths for `aws cloudformation package`, and the paths in a template.

See https://docs.aws.amazon.com/cli/latest/reference/cloudformation/package.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from harness.cloudformation.faults import Key
from harness.cloudformation.functions import FOR_EACH
from harness.json_types import Json, JsonObject


@dataclass(frozen=True)
class Artifact:
    """A property that can hold a local path.

    `path` is the property's path within the resource's properties. `bucket` and `key` are the members of the
    object that replaces it. They are empty if a URL replaces it. `code` marks code, which is always zipped,
    even if it is a single file.
    """

    type: str
    path: tuple[str, ...]
    bucket: str = ""
    key: str = ""
    code: bool = False

    @property
    def unzipped(self) -> bool:
        """Return whether Lambda's limit for unzipped code applies."""
        return self.type.startswith("AWS::Lambda::")


NESTED_STACK = Artifact("AWS::CloudFormation::Stack", ("TemplateURL",))
ARTIFACTS = (
    Artifact("AWS::Lambda::Function", ("Code",), "S3Bucket", "S3Key", code=True),
    Artifact("AWS::Lambda::LayerVersion", ("Content",), "S3Bucket", "S3Key", code=True),
    Artifact("AWS::StepFunctions::StateMachine", ("DefinitionS3Location",), "Bucket", "Key"),
    NESTED_STACK,
    Artifact("AWS::ApiGateway::RestApi", ("BodyS3Location",), "Bucket", "Key"),
    Artifact("AWS::ApiGatewayV2::Api", ("BodyS3Location",), "Bucket", "Key"),
    Artifact("AWS::AppSync::FunctionConfiguration", ("CodeS3Location",)),
    Artifact("AWS::AppSync::FunctionConfiguration", ("RequestMappingTemplateS3Location",)),
    Artifact("AWS::AppSync::FunctionConfiguration", ("ResponseMappingTemplateS3Location",)),
    Artifact("AWS::AppSync::GraphQLSchema", ("DefinitionS3Location",)),
    Artifact("AWS::AppSync::Resolver", ("CodeS3Location",)),
    Artifact("AWS::AppSync::Resolver", ("RequestMappingTemplateS3Location",)),
    Artifact("AWS::AppSync::Resolver", ("ResponseMappingTemplateS3Location",)),
    Artifact("AWS::CodeCommit::Repository", ("Code", "S3"), "Bucket", "Key", code=True),
    Artifact("AWS::ElasticBeanstalk::ApplicationVersion", ("SourceBundle",), "S3Bucket", "S3Key"),
    Artifact("AWS::Glue::Job", ("Command", "ScriptLocation")),
    Artifact("AWS::ServerlessRepo::Application", ("LicenseUrl",)),
    Artifact("AWS::ServerlessRepo::Application", ("ReadmeUrl",)),
)


@dataclass(frozen=True)
class Use:
    """A property in a template that can hold a local path.

    `keys` are its path. `holder` is the object that contains the last key. `value` is the current value.
    `body` is the whole resource.
    """

    artifact: Artifact
    resource: str
    keys: tuple[Key, ...]
    holder: JsonObject
    value: Json
    body: JsonObject

    def replace(self, value: Json) -> None:
        """Replace the value."""
        self.holder[self.artifact.path[-1]] = value


def uses(template: JsonObject) -> Iterator[Use]:
    """Find all properties in a template that can hold a local path and are set, including properties in
    loops.
    """
    yield from _uses(template.get("Resources"), ("Resources",))


def _uses(resources: Json, keys: tuple[Key, ...]) -> Iterator[Use]:
    for name, resource in resources.items() if isinstance(resources, dict) else ():
        if name.startswith(FOR_EACH):
            if isinstance(resource, list) and len(resource) == 3:
                yield from _uses(resource[2], (*keys, name, 2))
        elif isinstance(resource, dict):
            for artifact in ARTIFACTS:
                if artifact.type == resource.get("Type"):
                    yield from _use(artifact, name, resource, (*keys, name))


def _use(artifact: Artifact, name: str, resource: JsonObject, keys: tuple[Key, ...]) -> Iterator[Use]:
    path = ("Properties", *artifact.path)
    holder: Json = resource
    for key in path[:-1]:
        holder = holder.get(key) if isinstance(holder, dict) else None
    if isinstance(holder, dict) and path[-1] in holder:
        yield Use(artifact, name, (*keys, *path), holder, holder[path[-1]], resource)
