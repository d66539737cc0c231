"""The parts of report machines, with ARNs as long as deployed ones."""

from __future__ import annotations

from usage_report.definition import Parts

FUNCTION = "arn:aws:lambda:eu-central-1:123456789012:function:usage-51af3dc0-"
PARTS = Parts(
    f"{FUNCTION}list-objects",
    f"{FUNCTION}put-dynamodb",
    f"{FUNCTION}create-message",
    "arn:aws:sns:eu-central-1:123456789012:s3-usage-report-ReportTopic-ABCDEFGHIJKL",
    "aws",
    21_600,
)
