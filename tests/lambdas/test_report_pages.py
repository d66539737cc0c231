"""Pages are parsed like botocore parses them; unusual pages are left to botocore."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse

from usage_report import pages
from usage_report.pages import parsed, read_fast

HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
    "<Name>photos</Name><Prefix></Prefix><KeyCount>{count}</KeyCount><MaxKeys>1000</MaxKeys>"
)
URL = "<EncodingType>url</EncodingType>"
LAST = "<IsTruncated>false</IsTruncated>"
MORE = "<IsTruncated>true</IsTruncated><NextContinuationToken>1ueGcxLPRx1Tr/XYExHnh</NextContinuationToken>"
END = "</ListBucketResult>"


def contents(*objects: tuple[str, int]) -> str:
    return "".join(
        f"<Contents><Key>{key}</Key><LastModified>2025-01-01T00:00:00.000Z</LastModified><ETag>&quot;5d41&quot;</ETag>"
        f"<ChecksumAlgorithm>CRC64NVME</ChecksumAlgorithm><Size>{size}</Size><StorageClass>STANDARD</StorageClass>"
        "<Owner><ID>75aa</ID></Owner></Contents>"
        for key, size in objects
    )


BODIES = {
    "an empty bucket": LAST + URL,
    "one object": LAST + URL + contents(("cat.jpg", 5)),
    "more pages": URL + MORE + contents(("a", 0), ("b", 5 * 2**40)),
    "quoted keys": LAST + URL + contents(("a+b/%C3%A9+%26+%3C%2B%25.txt", 1), ("%F0%9F%93%B7.JPG", 2)),
    "keys that are not quoted": LAST + contents(("a+b/é %41.txt", 1), ("plain", 2)),
    "another order": LAST
    + URL
    + "<Contents><Size>7</Size><StorageClass>GLACIER</StorageClass><Key>x</Key></Contents>",
    "escaped keys": LAST + contents(("a&amp;b&lt;c", 1)),
    "a prefix that stands for keys": LAST + URL + "<CommonPrefixes><Prefix>a/</Prefix></CommonPrefixes>",
}


class Answers:
    """Responds to every request with the same body."""

    def __init__(self, status: int, body: str) -> None:
        self._status, self._body = status, body

    def __call__(self, request: Any, **_: Any) -> AWSResponse:
        class Raw:
            def stream(_self, *_args: Any, **_kwargs: Any) -> Any:  # noqa: N805
                yield self._body.encode()

        return AWSResponse(request.url, self._status, {"Content-Type": "application/xml"}, Raw())


def client(status: int, body: str) -> Any:
    s3 = boto3.client("s3", region_name="eu-central-1", aws_access_key_id="a", aws_secret_access_key="b")
    s3.meta.events.register("before-send.s3", Answers(status, body))
    return s3


@pytest.mark.parametrize("name", BODIES)
def test_a_page_is_read_as_botocore_reads_it(name: str) -> None:
    body = HEAD.format(count=1) + BODIES[name] + END
    expected = client(200, body).list_objects_v2(Bucket="photos")
    found = read_fast(client(200, body)).list_objects_v2(Bucket="photos")
    assert [(o["Key"], o["Size"]) for o in found.get("Contents", ())] == [
        (o["Key"], o["Size"]) for o in expected.get("Contents", ())
    ]
    for member in ("IsTruncated", "NextContinuationToken"):
        assert found.get(member) == expected.get(member)
    assert found["ResponseMetadata"]["HTTPStatusCode"] == 200


@pytest.mark.parametrize("name", ["escaped keys", "a prefix that stands for keys"])
def test_what_is_not_of_the_usual_form_is_left_to_botocore(name: str) -> None:
    assert parsed((HEAD + BODIES[name] + END).encode()) is None


@pytest.mark.parametrize(
    "body",
    [
        HEAD + LAST + URL + contents(("cat.jpg", 5)),  # cut off
        HEAD + URL + contents(("cat.jpg", 5)) + END,  # is there more?
        HEAD + "<IsTruncated>true</IsTruncated>" + URL + END,  # how does it continue?
        HEAD + LAST + "<Contents><Key>a</Key></Contents>" + END,
        "",
    ],
)
def test_a_page_that_lacks_something_is_left_to_botocore(body: str) -> None:
    assert parsed(body.encode()) is None


def test_errors_are_botocores() -> None:
    body = "<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"
    s3 = read_fast(client(403, body))
    with pytest.raises(s3.exceptions.ClientError, match="AccessDenied"):
        s3.list_objects_v2(Bucket="photos")


def test_a_client_of_many_invocations_reads_each_page_once(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[bytes] = []
    monkeypatch.setattr(pages, "parsed", read.append)
    s3 = client(200, HEAD.format(count=0) + LAST + URL + END)
    for _ in range(3):
        read_fast(s3).list_objects_v2(Bucket="photos")
    assert len(read) == 3
