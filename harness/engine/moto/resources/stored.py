"""Parameters, log groups, and buckets."""

from __future__ import annotations

from typing import Any, Self

from moto.logs.models import LogGroup as MotoLogGroup
from moto.s3.models import FakeBucket
from moto.ssm.models import Parameter as MotoParameter
from moto.ssm.models import ssm_backends

from harness.engine.moto import given
from harness.engine.moto.resources.model import CannotMake, Wanted
from harness.engine.moto.resources.of_moto import OfMoto
from harness.regions import Place


class Parameter(OfMoto):
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ssm-parameter.html."""

    TYPE = "AWS::SSM::Parameter"
    NAME = "Name"
    MODEL = MotoParameter

    @classmethod
    def make(cls, wanted: Wanted) -> Self:
        """Create the parameter, replacing a value that the user provided."""
        given.make_way(wanted.name, Place(wanted.region, wanted.account_id))
        return cls(_put(wanted, overwrite=False), wanted)

    def change(self, wanted: Wanted) -> Self:
        """Update the tags of the parameter, and create a new version if its value has changed."""
        model, before = self.model, {**self.wanted.properties, "Tags": None}
        if before != {**wanted.properties, "Tags": None}:
            model = _put(wanted, overwrite=True)
        ssm = ssm_backends[wanted.account_id][wanted.region]
        tags = {name: str(value) for name, value in _tags(wanted).items()}
        gone = [name for name in _tags(self.wanted) if name not in tags]
        ssm.remove_tags_from_resource("Parameter", wanted.name, gone)
        ssm.add_tags_to_resource("Parameter", wanted.name, tags)
        return type(self)(model, wanted)


def _put(wanted: Wanted, *, overwrite: bool) -> Any:
    put: Any = ssm_backends[wanted.account_id][wanted.region].put_parameter
    return put(
        name=wanted.name,
        description=wanted.text("Description"),
        value=wanted.text("Value"),
        parameter_type=wanted.properties.get("Type"),
        allowed_pattern=wanted.text("AllowedPattern"),
        keyid=None,
        overwrite=overwrite,
        # for this type, Tags is an object of names and values
        tags=None if overwrite else [{"Key": k, "Value": str(v)} for k, v in _tags(wanted).items()],
        data_type=wanted.text("DataType", "text"),
        tier=wanted.properties.get("Tier"),
        policies=wanted.properties.get("Policies"),
    )


def _tags(wanted: Wanted) -> dict[str, Any]:
    tags = wanted.properties.get("Tags")
    return tags if isinstance(tags, dict) else dict(wanted.own_tags())


class LogGroup(OfMoto):
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-logs-loggroup.html."""

    TYPE = "AWS::Logs::LogGroup"
    NAME = "LogGroupName"
    MODEL = MotoLogGroup

    def change(self, wanted: Wanted) -> Self:
        """Update the retention and key of the group, and keep its logs."""
        self.model.set_retention_policy(wanted.properties.get("RetentionInDays"))
        self.model.kms_key_id = wanted.text("KmsKeyId") or None
        return type(self)(self.model, wanted)


class Bucket(OfMoto):
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-s3-bucket.html."""

    TYPE = "AWS::S3::Bucket"
    NAME = "BucketName"
    MODEL = FakeBucket

    def change(self, wanted: Wanted) -> Self:
        """Update the settings of the bucket, and keep its objects."""
        properties = {**wanted.properties, "BucketName": wanted.name}
        self.MODEL.update_from_cloudformation_json(
            original_resource=self.model,
            new_resource_name=wanted.name,
            cloudformation_json={"Properties": properties},
            account_id=wanted.account_id,
            region_name=wanted.region,
        )
        return type(self)(self.model, wanted)

    def delete(self, account_id: str, region_name: str) -> None:
        """Delete the bucket. Raises CannotMake if it is not empty."""
        if self.model.keys:
            raise CannotMake(
                "The bucket you tried to delete is not empty. You must delete all versions in the bucket."
            )
        super().delete(account_id, region_name)
