"""moto's ListBuckets, in pages as on AWS.

Patched: `S3Response.all_buckets` (moto.s3.responses), which cuts the list at MaxBuckets and gives no token
for the rest: of more buckets than a page has, a function would silently miss some.
"""

from __future__ import annotations

import base64
from typing import Any

from moto.core.responses import ActionResult
from moto.s3.responses import S3Response

OWNER = {"ID": "bcaf1ffd86f41161ca5fb16fd081034f", "DisplayName": "webfile"}


def install() -> None:
    """Let ListBuckets sort by name and give a ContinuationToken when there are more."""
    patched: Any = S3Response
    patched.all_buckets = _all_buckets


def _all_buckets(self: Any) -> Any:
    self.data["Action"] = "ListAllMyBuckets"
    self._authenticate_and_authorize_s3_action()
    found = self.backend.list_buckets(
        prefix=self._get_param("prefix"), bucket_region=self._get_param("bucket-region"), max_buckets=None
    )
    after = base64.urlsafe_b64decode(self._get_param("continuation-token") or "").decode()
    rest = sorted((b for b in found if b.name > after), key=lambda bucket: str(bucket.name))
    page = rest[: int(self._get_param("max-buckets") or len(rest))]
    result: dict[str, Any] = {
        "Owner": OWNER,
        "Buckets": [{"Name": b.name, "CreationDate": b.creation_date_ISO8601} for b in page],
    }
    if len(page) < len(rest):
        result["ContinuationToken"] = base64.urlsafe_b64encode(page[-1].name.encode()).decode()
    self.data["Action"] = "ListBuckets"
    return self.serialized(ActionResult(result))
