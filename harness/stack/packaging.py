"""Packages a template like `aws cloudformation package`, including the assets of `cdk synth`."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final
from urllib.parse import urlparse

from harness.cloudformation.faults import Fault
from harness.cloudformation.inner import inner_parameters
from harness.files import is_file, is_there, read_bytes
from harness.functions.host.zips import zip_fault
from harness.image_source import ImageSource
from harness.json_types import JsonObject, as_dict
from harness.notes import Note
from harness.printable import say
from harness.regions import REGION
from harness.scenario.position import Problem
from harness.settings import Settings
from harness.stack.archive import ArchiveError, archived
from harness.stack.artifacts import NESTED_STACK, Use, uses
from harness.stack.assets import Assets
from harness.stack.build import FUNCTION, LAYER, Build, Builder, BuildError, build_of, is_buildable
from harness.stack.cloud_assembly import SYNTH
from harness.stack.elsewhere import Elsewhere, ElsewhereError, Layer
from harness.stack.known_values import KnownValues
from harness.stack.origins import origins_in
from harness.stack.stand_ins import from_source, left_out, put_image, put_layers, without_code
from harness.stack.template import TemplateError, error_of, is_sam, read_well_formed
from harness.stack.transformed import NO_PARAMETERS, host


@dataclass(frozen=True)
class Package:
    """A template in which S3 locations replace local paths, and the files to upload.

    `notes` describe the replacements for layers and images that are not on this machine, and omitted layers.
    `assets` are CDK assets that functions or custom resources fetch themselves, by bucket and key. The bucket
    names contain `${AWS::AccountId}` and `${AWS::Region}`.
    """

    template: JsonObject
    files: Mapping[str, bytes]
    notes: tuple[Note, ...] = ()
    assets: Mapping[tuple[str, str], bytes] = field(default_factory=dict)

    @property
    def body(self) -> str:
        """Return the template in a format that CloudFormation accepts (JSON is valid YAML)."""
        return json.dumps(self.template)


def _say(line: str) -> None:
    say(line, file=sys.stderr, flush=True)


_BUILDER: Final = Builder(_say)


@dataclass(frozen=True)
class Code:
    """Settings for packaging code: `build`, `layers` and `images`.

    `archives` caches archives by their sources, because functions may share a folder. `answered` contains the
    logical IDs of functions replaced by stand-ins, which may lack code and layers.
    """

    builder: Builder = _BUILDER
    build: bool | None = None
    layers: Mapping[str, Path] = field(default_factory=dict)
    images: Mapping[str, ImageSource] = field(default_factory=dict)
    archives: dict[tuple[Path, Build | None], bytes] = field(default_factory=dict)
    answered: frozenset[str] = frozenset()

    @classmethod
    def of(cls, settings: Settings, engine: str, answered: frozenset[str] = frozenset()) -> Code:
        """Return the packaging options of a project for an engine; see `Builder`."""
        builder = replace(_BUILDER, on_own=engine == "moto")
        return cls(builder, settings.build, settings.layers, settings.images, answered=answered)


def package(
    path: Path,
    bucket: str,
    parameters: Mapping[str, str] = NO_PARAMETERS,
    region: str = REGION,
    code: Code | None = None,
) -> Package:
    """Return the template at `path`, with its local folders zipped and its local files placed in `bucket`.

    A SAM template is translated for these parameters and this Region.

    Raises TemplateError if CloudFormation rejects the template, or a path in it cannot be packaged.
    """
    packer = _Packer(bucket, region, code or Code())
    template = packer.template(path, (), parameters)
    return Package(template, packer.files, tuple(packer.notes), packer.assets)


@dataclass
class _Packer:
    bucket: str
    region: str
    code: Code
    files: dict[str, bytes] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)
    assets: dict[tuple[str, str], bytes] = field(default_factory=dict)

    def template(
        self, path: Path, parents: tuple[Path, ...], parameters: Mapping[str, str] = NO_PARAMETERS
    ) -> JsonObject:
        """Package a template and its files. `parents` are the templates that contain it."""
        template = read_well_formed(path, parameters, self.region)
        known = KnownValues(template, parameters)
        builds = self._stand_ins(path, template, known)
        assets = Assets(path)
        sam = is_sam(path)
        inner = inner_parameters(template, parameters, host(self.region))
        for use in uses(template):
            local = self._local(path, use, assets)
            if local is not None:
                build = builds.get(use.resource) or self._build(path, use, local, known, sam=sam)
                self._pack(path, use, local, build, (*parents, path.resolve()), inner.get(use.resource, {}))
        for bucket, key, local in assets.left_in(json.dumps(template)):
            self._keep(path, bucket, key, local)
        return template

    def _keep(self, path: Path, bucket: str, key: str, local: Path) -> None:
        try:
            self.assets[bucket, key] = archived(local) if key.endswith(".zip") else read_bytes(local)
        except OSError as error:
            raise TemplateError(
                f"{path}: the asset {local} cannot be read ({error.strerror}); {SYNTH}"
            ) from error
        except ArchiveError as error:
            raise TemplateError(f"{path}: {error}") from error

    def _stand_ins(self, path: Path, template: JsonObject, known: KnownValues) -> dict[str, Build]:
        """Insert the local replacements for layers and images. Return the builds for the layers."""
        builds: dict[str, Build] = {}
        elsewhere = Elsewhere(path, template, known, self.code.layers, self.code.images)
        resources = as_dict(template["Resources"])
        for name, body in tuple(resources.items()):
            resource = as_dict(body)
            properties = as_dict(resource.get("Properties"))
            if resource.get("Type") != FUNCTION or not known.may_be_made(resource):
                continue
            try:
                if known.text(properties.get("PackageType")) == "Image":
                    self._put_image(name, resource, elsewhere)
                runtime = known.text(properties.get("Runtime")) or ""
                lenient = name in self.code.answered
                for made in put_layers(template, name, elsewhere, runtime, lenient=lenient):
                    if isinstance(made, Layer):
                        self.notes.append(left_out(elsewhere, name, made))
                    elif made.build:
                        builds[made.resource] = made.build
            except ElsewhereError as error:
                message = f"{name}: {error}"
                if error.place:
                    raise TemplateError(str(Problem(error.place, message, error.remedy))) from error
                raise error_of(path, [Fault(error.keys, message, error.remedy)]) from error
            except (ArchiveError, BuildError, OSError) as error:
                fault = Fault(("Resources", name), f"{name}: {error}", getattr(error, "remedy", ""))
                raise error_of(path, [fault]) from error
        return builds

    def _put_image(self, name: str, resource: JsonObject, elsewhere: Elsewhere) -> None:
        """Package the local code for a container image, if there is any."""
        code = elsewhere.image(name, resource)
        if code is None:
            return
        builder = self.code.builder if self.code.build is not False else replace(self.code.builder, off=True)
        if code.image is not None:
            content = builder.built_image(name, code.image, code.folder)
        else:
            content = builder.built(code.folder, Build(f"function {name}", code.runtime, "any"))
        key = hashlib.sha256(content).hexdigest()
        self.files[key] = content
        properties = as_dict(resource["Properties"])
        put_image(properties, code)
        properties["Code"] = {"S3Bucket": self.bucket, "S3Key": key}
        self.notes.append(from_source(elsewhere, name, code))

    def _build(self, path: Path, use: Use, local: Path, known: KnownValues, *, sam: bool) -> Build | None:
        if use.artifact.type not in (FUNCTION, LAYER) or not is_buildable(local):
            return None
        if not known.may_be_made(use.body):
            return None
        runtime = known.text(as_dict(use.body.get("Properties")).get("Runtime")) or ""
        try:
            return build_of(use.resource, use.body, runtime, sam=sam, setting=self.code.build)
        except BuildError as error:
            raise _refused(path, use, str(error), error.remedy) from error

    def _local(self, path: Path, use: Use, assets: Assets) -> Path | None:
        """Return the file or folder that a property refers to. None if it is not on this machine."""
        artifact = use.artifact
        if not isinstance(use.value, str):
            return assets.named_by(use.value, artifact.bucket, artifact.key)
        if use.value.startswith("s3://"):
            self._name_object(path, use, use.value)
            return None
        if use.value.startswith(("https://", "http://")):
            if artifact.key:
                raise _refused(path, use, f"{use.value} is not on this machine", "use a local path")
            return None
        return path.parent / use.value

    def _name_object(self, path: Path, use: Use, url: str) -> None:
        place = urlparse(url)
        if not use.artifact.key:
            return
        if not place.netloc or not place.path.strip("/"):
            raise _refused(path, use, f"{url} is not an S3 object", "write s3://BUCKET/KEY, or a local path")
        use.replace({use.artifact.bucket: place.netloc, use.artifact.key: place.path.lstrip("/")})

    def _pack(
        self,
        path: Path,
        use: Use,
        local: Path,
        build: Build | None,
        parents: tuple[Path, ...],
        parameters: Mapping[str, str],
    ) -> None:
        if not is_there(local) and use.artifact.type == FUNCTION and use.resource in self.code.answered:
            content = without_code(as_dict(use.body.get("Properties")), local)
            self._put(use, local, content)
            return
        if not is_there(local):
            remedy = "paths are relative to the template" if isinstance(use.value, str) else SYNTH
            raise _refused(path, use, f"{local} not found", remedy)
        artifact = use.artifact
        if artifact is NESTED_STACK:
            if local.resolve() in parents:
                raise _refused(path, use, f"{local} contains itself", "")
            content = json.dumps(self.template(local, parents, parameters)).encode()
        else:
            content = self._content(path, use, local, build)
        self._put(use, local, content)

    def _put(self, use: Use, local: Path, content: bytes) -> None:
        """Store a property's file, and replace the property with the file's location in S3."""
        artifact = use.artifact
        digest = hashlib.sha256(content).hexdigest()
        # Errors in a definition mention its file. Code is identified by its content.
        key = f"{digest}/{local.name}" if artifact.path == ("DefinitionS3Location",) else digest
        self.files[key] = content
        if artifact.key:
            use.replace({artifact.bucket: self.bucket, artifact.key: key})
        else:
            use.replace(f"https://s3.amazonaws.com/{self.bucket}/{key}")

    def _content(self, path: Path, use: Use, local: Path, build: Build | None) -> bytes:
        try:
            if not use.artifact.code and is_file(local):
                return read_bytes(local)
            made = local, build and replace(build, subject="")
            if made not in self.code.archives:
                self.code.archives[made] = self.code.builder.built(local, build) if build else archived(local)
        except OSError as error:
            raise _refused(path, use, f"{local} cannot be read ({error.strerror})", "") from error
        except ArchiveError as error:
            raise _refused(path, use, str(error), "") from error
        except BuildError as error:
            if use.resource in self.code.answered:
                return archived(local)
            raise _refused(path, use, str(error), error.remedy) from error
        content = self.code.archives[made]
        if use.artifact.unzipped and (fault := zip_fault(content)):
            raise _refused(path, use, f"{local}: {fault.rstrip(chr(46))}", "")
        return content


def _refused(path: Path, use: Use, message: str, remedy: str) -> TemplateError:
    origin = origins_in(path).get(use.resource)
    named = origin.shown() if origin and origin.construct else use.resource
    return error_of(path, [Fault(use.keys, f"resource {named}: {message}", remedy)])
