"""Bucket names and object keys that S3 accepts."""

import pytest

from harness.scenario import names
from harness.scenario.position import RefusedError


@pytest.mark.parametrize("name", ["abc", "a" * 63, "my.bucket-1", "2019", "1.2.3", "1.2.3.4.5"])
def test_names_that_s3_accepts(name):
    assert names.bucket_name(name) == name


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("ab", "it has 2 characters"),
        ("a" * 64, "it has 64 characters"),
        ("Photos", "'P' is not allowed"),
        ("my_bucket", "'_' is not allowed"),
        ("bücket", "'ü' is not allowed"),
        ("line\n", "'\\n' is not allowed"),
        ("-abc", "it begins or ends with a dot or hyphen"),
        ("abc.", "it begins or ends with a dot or hyphen"),
        ("a..b", "it has two dots in a row"),
        ("192.168.5.4", "it looks like an IP address"),
        ("xn--abc", "the prefix 'xn--' is reserved"),
        ("sthree-abc", "the prefix 'sthree-' is reserved"),
        ("amzn-s3-demo-abc", "the prefix 'amzn-s3-demo-' is reserved"),
        ("abc-s3alias", "the suffix '-s3alias' is reserved"),
        ("abc--ol-s3", "the suffix '--ol-s3' is reserved"),
        ("abc.mrap", "the suffix '.mrap' is reserved"),
        ("abc--x-s3", "the suffix '--x-s3' is reserved"),
        ("abc--table-s3", "the suffix '--table-s3' is reserved"),
        ("abc-an", "the suffix '-an' is reserved"),
    ],
)
def test_names_that_s3_refuses(name, rule):
    with pytest.raises(RefusedError) as refused:
        names.bucket_name(name)
    assert refused.value.message == f"S3 rejects the bucket name {name!r}: {rule}"
    assert refused.value.remedy


def test_a_key_has_up_to_1024_bytes_of_utf8():
    assert names.object_key("é" * 512)
    with pytest.raises(RefusedError, match="is 1,025 bytes long in UTF-8; S3 allows 1,024"):
        names.object_key("é" * 512 + "x")
    with pytest.raises(RefusedError, match="cannot be empty"):
        names.object_key("")


def test_an_object_has_up_to_10000_parts_of_5_gib():
    assert names.object_size("50 TB") == 50 * 10**12
    assert names.object_size(10_000 * 5 * 1024**3)
    with pytest.raises(RefusedError, match="S3 limit for one object is 50 TB"):
        names.object_size("51 TiB")
