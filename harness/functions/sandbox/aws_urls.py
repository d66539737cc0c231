"""AWS URLs for requests, used in error messages because an engine's port differs from run to run."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

if TYPE_CHECKING:
    from botocore.awsrequest import AWSPreparedRequest

_SCOPE = re.compile(r"Credential=[^/ ]*/\d+/([a-z0-9-]+)/([a-z0-9-]+)/aws4_request")


def aws_url(request: AWSPreparedRequest) -> str:
    """Return a signed request's URL on AWS. Unsigned requests and requests to other hosts keep their URL."""
    url = str(request.url)
    given = urlsplit(url)
    headers: Any = request.headers
    signed = headers.get("Authorization", "")
    scope = _SCOPE.search(signed.decode(errors="replace") if isinstance(signed, bytes) else signed)
    if scope is None or given.hostname not in ("127.0.0.1", "localhost"):
        return url
    region, service = scope.groups()
    domain = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
    return urlunsplit(("https", f"{service}.{region}.{domain}", given.path, given.query, ""))
