"""A template, packaged as `aws cloudformation package` does it, with the assets of `cdk synth`."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlparse

from harness.cloudformation.faults import Fault
from harness.files import is_file, is_there, read_bytes
from harness.functions.host.zips import zip_fault
from harness.json_types import JsonObject
from harness.stack.archive import ArchiveError, archived
from harness.stack.artifacts import NESTED_STACK, Use, uses
from harness.stack.assets import Assets
from harness.stack.cloud_assembly import SYNTH
from harness.stack.origins import origins_in
from harness.stack.template import TemplateError, check, error_of, read_template


@dataclass(frozen=True)
class Package:
    """A template whose local paths were replaced by places in S3, and what has to be put there.

    `assets` are those of CDK that functions or custom resources fetch themselves, by bucket and key; names
    of buckets have `${AWS::AccountId}` and `${AWS::Region}` in them.
    """

    template: JsonObject
    files: Mapping[str, bytes]
    assets: Mapping[tuple[str, str], bytes] = field(default_factory=dict)

    @property
    def body(self) -> str:
        """The template as CloudFormation takes it (JSON is YAML)."""
        return json.dumps(self.template)


def package(path: Path, bucket: str) -> Package:
    """The template of `path` with its local folders zipped and its local files named in `bucket`.

    Raises TemplateError when CloudFormation refuses the template, or a path in it cannot be packaged.
    """
    packer = _Packer(bucket)
    return Package(packer.template(path, ()), packer.files, packer.assets)


@dataclass
class _Packer:
    bucket: str
    files: dict[str, bytes] = field(default_factory=dict)
    assets: dict[tuple[str, str], bytes] = field(default_factory=dict)
    _archives: dict[Path, bytes] = field(default_factory=dict)  # functions may well share a folder

    def template(self, path: Path, parents: tuple[Path, ...]) -> JsonObject:
        """A template with what it names packaged; `parents` are the templates that it is nested in."""
        check(path)
        template = read_template(path)
        assets = Assets(path)
        for use in uses(template):
            local = self._local(path, use, assets)
            if local is not None:
                self._pack(path, use, local, (*parents, path.resolve()))
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

    def _local(self, path: Path, use: Use, assets: Assets) -> Path | None:
        """The file or folder that a property names; None if it names none on this machine."""
        artifact = use.artifact
        if not isinstance(use.value, str):
            return assets.named_by(use.value, artifact.bucket, artifact.key)
        if use.value.startswith("s3://"):
            self._name_object(path, use, use.value)
            return None
        if use.value.startswith(("https://", "http://")):
            if artifact.key:
                raise _refused(path, use, f"{use.value} is not on this machine", "name a local path")
            return None
        return path.parent / use.value

    def _name_object(self, path: Path, use: Use, url: str) -> None:
        place = urlparse(url)
        if not use.artifact.key:
            return
        if not place.netloc or not place.path.strip("/"):
            raise _refused(path, use, f"{url} is no object in S3", "write s3://BUCKET/KEY, or a local path")
        use.replace({use.artifact.bucket: place.netloc, use.artifact.key: place.path.lstrip("/")})

    def _pack(self, path: Path, use: Use, local: Path, parents: tuple[Path, ...]) -> None:
        if not is_there(local):
            remedy = "paths are relative to the template" if isinstance(use.value, str) else SYNTH
            raise _refused(path, use, f"there is no {local}", remedy)
        artifact = use.artifact
        if artifact is NESTED_STACK:
            if local.resolve() in parents:
                raise _refused(path, use, f"{local} is nested in itself", "")
            content = json.dumps(self.template(local, parents)).encode()
        else:
            content = self._content(path, use, local)
        digest = hashlib.sha256(content).hexdigest()
        # Errors of a definition name its file; code is known by its content.
        key = f"{digest}/{local.name}" if artifact.path == ("DefinitionS3Location",) else digest
        self.files[key] = content
        if artifact.key:
            use.replace({artifact.bucket: self.bucket, artifact.key: key})
        else:
            use.replace(f"https://s3.amazonaws.com/{self.bucket}/{key}")

    def _content(self, path: Path, use: Use, local: Path) -> bytes:
        try:
            if not use.artifact.code and is_file(local):
                return read_bytes(local)
            if local not in self._archives:
                self._archives[local] = archived(local)
        except OSError as error:
            raise _refused(path, use, f"{local} cannot be read ({error.strerror})", "") from error
        except ArchiveError as error:
            raise _refused(path, use, str(error), "") from error
        content = self._archives[local]
        if use.artifact.unzipped and (fault := zip_fault(content)):
            raise _refused(path, use, f"{local}: {fault.rstrip(chr(46))}", "")
        return content


def _refused(path: Path, use: Use, message: str, remedy: str) -> TemplateError:
    origin = origins_in(path).get(use.resource)
    named = origin.shown() if origin and origin.construct else use.resource
    return error_of(path, [Fault(use.keys, f"resource {named}: {message}", remedy)])
