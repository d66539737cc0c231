"""Defects that make a deployment delete data."""

from __future__ import annotations

from defect import TEMPLATE, Defect, of, resource, template
from update_projects import Copy

lost = of("data loss")
EXPIRES = "{AttributeName: expires_at, Enabled: true}"


def the_table_goes(copy: Copy) -> None:
    copy.template(copy.block("UsageTable"), "")
    copy.template("!Ref UsageTable", "usage", everywhere=True)
    copy.template("!GetAtt UsageTable.Arn", '"*"', everywhere=True)


LOST_DATA: dict[str, Defect] = {
    "the sort key is another attribute": lost(
        template("bucket_extension, KeyType: RANGE", "bucket, KeyType: RANGE"),
        *("data-loss-replaced", TEMPLATE, "KeySchema:", "UsageTable (AWS::DynamoDB::Table) is replaced"),
    ),
    "the table has another logical id": lost(
        template("UsageTable", "ReportTable", everywhere=True),
        *("data-loss-renamed", TEMPLATE, "  ReportTable:", "is now called ReportTable"),
    ),
    "the table is no longer in the template": lost(
        the_table_goes,
        *("data-loss-deleted", TEMPLATE, "  UsageTable:", "CloudFormation deletes it with its items"),
        of_base=True,
    ),
    "the table gets a name": lost(
        resource("UsageTable", "BillingMode:", "TableName: usage\n      BillingMode:"),
        *("data-loss-replaced", TEMPLATE, "TableName: usage", "TableName changes"),
    ),
    "items expire by another attribute": lost(
        resource("UsageTable", EXPIRES, EXPIRES.replace("expires_at", "total_bytes")),
        *("data-loss-retention", TEMPLATE, "AttributeName: total_bytes", "expires its items by total_bytes"),
    ),
    "the topic becomes one in order": lost(
        resource("ReportTopic", "DisplayName:", "FifoTopic: true\n      DisplayName:"),
        *("data-loss-replaced", TEMPLATE, "FifoTopic: true", "ReportTopic (AWS::SNS::Topic) is replaced"),
    ),
    "a condition lets go of the logs": lost(
        template('!Not [!Equals [!Ref MachineLogLevel, "OFF"]]', "!Equals [a, b]"),
        *("data-loss-condition", TEMPLATE, "LogsMachines: !Equals", "its condition is no longer true"),
    ),
    "logs are kept for a day": lost(
        template("Default: 30\n    AllowedValues: [1,", "Default: 1\n    AllowedValues: [1,"),
        *("data-loss-retention", TEMPLATE, "Default: 1", "for 30 days, and now keeps it for 1"),
        after="  LogRetentionDays:",
    ),
}
