"""S3's DeleteObjects: rejects the requests that S3 rejects.

Patched: `S3Response._bucket_response_delete_keys` (moto.s3.responses), which accepts any number of keys, and
raises an exception for a body that is not XML.
"""

from __future__ import annotations

import functools
from typing import Any, Final
from xml.etree import ElementTree

from moto.s3.exceptions import MalformedXML
from moto.s3.responses import S3Response

# https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html
MOST_DELETED: Final = 1000


def install() -> None:
    """Patch moto in this process."""
    response: Any = S3Response
    response._bucket_response_delete_keys = _well_formed(response._bucket_response_delete_keys)


def _well_formed(delete: Any) -> Any:
    @functools.wraps(delete)
    def delete_keys(self: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            asked = ElementTree.fromstring(self.body)  # noqa: S314  (the user's own)
        except ElementTree.ParseError:  # also raised for a control character, which is not valid in XML
            raise MalformedXML from None
        objects = asked.findall("{*}Object")
        keys = [each.findtext("{*}Key") for each in objects]
        if not asked.tag.endswith("Delete") or not 0 < len(keys) <= MOST_DELETED or not all(keys):
            raise MalformedXML
        return delete(self, *args, **kwargs)

    return delete_keys
