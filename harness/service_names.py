"""Maps the different names that AWS uses for the same service or operation.

boto3, IAM and the Resource field in a Task state use different names for the same service. Step Functions
uses a different case than the API for the first letter of operations and their parameters.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

SDK_NAMES: Final[Mapping[str, str]] = {
    "applicationdiscovery": "discovery",
    "cloudwatchlogs": "logs",
    "cognitoidentityprovider": "cognito-idp",
    "costandusagereport": "cur",
    "costexplorer": "ce",
    "databasemigration": "dms",
    "directory": "ds",
    "directoryservicedata": "ds-data",
    "elasticloadbalancing": "elb",
    "elasticloadbalancingv2": "elbv2",
    "elasticsearch": "es",
    "eventbridge": "events",
    "iotdataplane": "iot-data",
    "iotjobsdataplane": "iot-jobs-data",
    "lexmodelbuilding": "lex-models",
    "lexmodelsv2": "lexv2-models",
    "lexruntime": "lex-runtime",
    "lexruntimev2": "lexv2-runtime",
    "marketplaceentitlement": "marketplace-entitlement",
    "marketplacemetering": "meteringmarketplace",
    "migrationhub": "mgh",
    "pinpointsmsvoice": "sms-voice",
    "serverlessapplicationrepository": "serverlessrepo",
    "sfn": "stepfunctions",
    "simpledb": "sdb",
}
"""Names after `aws-sdk:` that differ from boto3's names by more than hyphens, with boto3's names.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html
"""
_LEADING_CAPITALS: Final = re.compile(r"[A-Z]+(?![a-z])")
# Service names in IAM and Step Functions that differ in boto3.
_BOTO3: Final[Mapping[str, str]] = {
    **SDK_NAMES,
    "elasticloadbalancing": "elbv2",
    "monitoring": "cloudwatch",
    "states": "stepfunctions",
}
# Service names in boto3 whose IAM actions have a different prefix.
_PREFIXES: Final[Mapping[str, str]] = {
    "accessanalyzer": "access-analyzer",
    "amp": "aps",
    "apigatewayv2": "apigateway",
    "appconfigdata": "appconfig",
    "bedrock-agent": "bedrock",
    "bedrock-agent-runtime": "bedrock",
    "bedrock-data-automation": "bedrock",
    "bedrock-data-automation-runtime": "bedrock",
    "bedrock-runtime": "bedrock",
    "cloudcontrol": "cloudformation",
    "connectcampaigns": "connect-campaigns",
    "connectcases": "cases",
    "customer-profiles": "profile",
    "docdb": "rds",
    "dynamodbstreams": "dynamodb",
    "efs": "elasticfilesystem",
    "elb": "elasticloadbalancing",
    "elbv2": "elasticloadbalancing",
    "emr": "elasticmapreduce",
    "eventbridgev2": "events",
    "forecastquery": "forecast",
    "greengrassv2": "greengrass",
    "iot-data": "iot",
    "iot-jobs-data": "iot",
    "keyspaces": "cassandra",
    "kinesisanalyticsv2": "kinesisanalytics",
    "lex-models": "lex",
    "lex-runtime": "lex",
    "lexv2-models": "lex",
    "lexv2-runtime": "lex",
    "location": "geo",
    "mwaa": "airflow",
    "neptune": "rds",
    "neptunedata": "neptune-db",
    "opensearch": "es",
    "opensearchserverless": "aoss",
    "personalize-events": "personalize",
    "personalize-runtime": "personalize",
    "pinpoint": "mobiletargeting",
    "pinpoint-sms-voice": "sms-voice",
    "pinpoint-sms-voice-v2": "sms-voice",
    "resourcegroupstaggingapi": "tag",
    "sagemaker-featurestore-runtime": "sagemaker",
    "sagemaker-runtime": "sagemaker",
    "service-quotas": "servicequotas",
    "sesv2": "ses",
    "stepfunctions": "states",
    "timestream-query": "timestream",
    "timestream-write": "timestream",
    "voice-id": "voiceid",
}


def boto3_name(service: str) -> str:
    """Return the name of a service in boto3: `stepfunctions` for `states` and `sfn`."""
    return _BOTO3.get(service, service)


def action_prefix(service: str) -> str:
    """Return the prefix for a service's IAM actions: `states` for `stepfunctions` and `sfn`."""
    name = boto3_name(service)
    return _PREFIXES.get(name, name)


def capitalized(name: str) -> str:
    """Return an operation or a parameter with an uppercase first letter: `Publish` for `publish`."""
    return name[:1].upper() + name[1:]


def lowered(name: str) -> str:
    """Return an operation as written in the Resource field of a Task state: `listObjectsV2` for
    `ListObjectsV2`.
    """
    return name[:1].lower() + name[1:]


@lru_cache(maxsize=4096)
def java_member(name: str) -> str:
    """Convert a member name to the form used by the SDK for Java 2, with an uppercase first letter.

    >>> java_member("DBClusterIdentifier"), java_member("ETag"), java_member("BOOL"), java_member("bucket")
    ('DbClusterIdentifier', 'ETag', 'Bool', 'Bucket')
    """
    if name == "equals":  # a method of every Java object
        return "EqualsValue"
    if name == "NULL":  # a Java keyword
        return "Nul"
    leading = _LEADING_CAPITALS.match(name)
    lowered = leading[0].lower() + name[leading.end() :] if leading else name
    return lowered[:1].upper() + lowered[1:]
