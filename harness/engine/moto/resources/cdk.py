"""Custom resources with functions provided by CDK.

The engine implements them without running these functions, most of which need Node.js.

https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.custom_resources-readme.html
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from fnmatch import fnmatchcase
from typing import Any, ClassVar, Self

from moto.logs.exceptions import ResourceAlreadyExistsException, ResourceNotFoundException
from moto.logs.models import logs_backends
from moto.s3.exceptions import MissingBucket
from moto.s3.models import S3Backend, s3_backends
from moto.utilities.utils import get_partition

from harness.engine.moto.resources.model import CannotMake, Resource, Wanted


def _s3(account_id: str, region: str) -> S3Backend:
    return s3_backends[account_id][get_partition(region)]


class _OfCdk(Resource):
    """A custom resource that uses one of its properties as its physical ID."""

    ID: ClassVar[str]

    def __init__(self, wanted: Wanted) -> None:
        super().__init__(wanted.text(self.ID) or wanted.name)
        self.wanted = wanted

    @classmethod
    def make(cls, wanted: Wanted) -> Self:
        """Create the resource by doing the function's work."""
        made = cls(wanted)
        made.do()
        return made

    def change(self, wanted: Wanted) -> Self:
        """Do the work again. If the ID is different, the stack deletes the old resource."""
        return self.make(wanted)

    def do(self) -> None:
        """Do the function's work. The default implementation does nothing."""


class AutoDeleteObjects(_OfCdk):
    """A resource that empties its bucket before the bucket is deleted."""

    TYPE = "Custom::S3AutoDeleteObjects"
    ID = "BucketName"

    def delete(self, account_id: str, region_name: str) -> None:
        """Delete all object versions."""
        s3 = _s3(account_id, region_name)
        with suppress(MissingBucket):
            bucket = s3.get_bucket(self.physical_resource_id)
            for name in list(bucket.keys):
                for key in bucket.keys.getlist(name):
                    version = str(key.version_id) if bucket.is_versioned else None
                    s3.delete_object(bucket.name, name, version_id=version)


class LogRetention(_OfCdk):
    """A resource that creates a function's log group and sets its retention."""

    TYPE = "Custom::LogRetention"
    ID = "LogGroupName"

    def do(self) -> None:
        """Create the group unless it exists, and set its retention."""
        name = self.physical_resource_id
        logs = logs_backends[self.wanted.account_id][self._region]
        with suppress(ResourceAlreadyExistsException):
            logs.create_log_group(name, {})
        days: Any = int(self.wanted.text("RetentionInDays", "0")) or None
        logs.groups[name].set_retention_policy(days)
        self.attributes = {"LogGroupName": name}

    def delete(self, account_id: str, region_name: str) -> None:
        """Delete the group if the removal policy is `destroy`."""
        if self.wanted.text("RemovalPolicy").lower() == "destroy":
            with suppress(ResourceNotFoundException):
                logs_backends[account_id][self._region].delete_log_group(self.physical_resource_id)

    @property
    def _region(self) -> str:
        return self.wanted.text("LogGroupRegion", self.wanted.region)


class RestrictDefaultSecurityGroup(_OfCdk):
    """A resource that removes the rules of a VPC's default security group.

    The engine does not enforce these rules.
    """

    TYPE = "Custom::VpcRestrictDefaultSG"
    ID = "DefaultSecurityGroupId"


class BucketDeployment(_OfCdk):
    """A resource that copies files from archives to a bucket."""

    TYPE = "Custom::CDKBucketDeployment"
    ID = "Nothing"

    def do(self) -> None:
        """Upload the files, replacing markers with values from the template."""
        wanted = self.wanted
        s3 = _s3(wanted.account_id, wanted.region)
        bucket, prefix = wanted.text("DestinationBucketName"), wanted.text("DestinationBucketKeyPrefix")
        prefix = f"{prefix.strip('/')}/" if prefix.strip("/") else ""
        for key, content in self._files(s3):
            if self._is_meant(key):
                s3.put_object(bucket, prefix + key, content)
        sources: list[Any] = [*wanted.texts("SourceObjectKeys")]
        self.attributes = {"DestinationBucketArn": f"arn:aws:s3:::{bucket}", "SourceObjectKeys": sources}

    def _files(self, s3: S3Backend) -> Iterator[tuple[str, bytes]]:
        places = zip(
            self.wanted.texts("SourceBucketNames"), self.wanted.texts("SourceObjectKeys"), strict=True
        )
        markers = self.wanted.objects("SourceMarkers")
        for number, (bucket, key) in enumerate(places):
            stored = s3.get_object(bucket, key)
            if stored is None:
                raise CannotMake(f"source archive s3://{bucket}/{key} not found")
            if not self.wanted.is_set("Extract", True):
                yield key.rpartition("/")[2], stored.value
                continue
            with zipfile.ZipFile(io.BytesIO(stored.value)) as archive:
                for name in archive.namelist():
                    if not name.endswith("/"):
                        content = archive.read(name)
                        for marker, value in (markers[number] if number < len(markers) else {}).items():
                            content = content.replace(marker.encode(), str(value).encode())
                        yield name, content

    def _is_meant(self, key: str) -> bool:
        """Return whether a file is selected by the include and exclude filters, like `aws s3 sync`."""
        excluded = any(fnmatchcase(key, each) for each in self.wanted.texts("Exclude"))
        return not excluded or any(fnmatchcase(key, each) for each in self.wanted.texts("Include"))


CDK_RESOURCES: tuple[type[Resource], ...] = (
    AutoDeleteObjects,
    BucketDeployment,
    LogRetention,
    RestrictDefaultSecurityGroup,
)
