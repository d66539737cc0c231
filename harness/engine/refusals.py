"""Messages for cases in which the first request to an endpoint fails."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from harness.engine.keys import ID, OURS, SECRET, TOKEN, Keys

if TYPE_CHECKING:
    from botocore.exceptions import BotoCoreError, ClientError

    from harness.engine.base import Endpoint

# https://docs.aws.amazon.com/IAM/latest/UserGuide/signature-v4-troubleshooting.html, and for S3
# https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
REFUSED = frozenset(
    [
        "AuthFailure",
        "AuthorizationHeaderMalformed",
        "ExpiredToken",
        "ExpiredTokenException",
        "IncompleteSignature",
        "IncompleteSignatureException",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "InvalidToken",
        "MissingAuthenticationToken",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    ]
)
SET_REGION = "--endpoint-region, HARNESS_ENDPOINT_REGION or AWS_REGION"
SET_CA = "--endpoint-ca-bundle, HARNESS_ENDPOINT_CA_BUNDLE or AWS_CA_BUNDLE"
SHOWN = 200
"""Number of characters to show from a service's message."""


def refuses_keys(error: ClientError) -> bool:
    """Return True if the service rejects the signature."""
    response: Any = error.response
    status = response.get("ResponseMetadata", {}).get("HTTPStatusCode")
    return status in (401, 403) or response.get("Error", {}).get("Code") in REFUSED


def refused(error: ClientError, endpoint: Endpoint, keys: Keys | None) -> str:
    """Explain that the service rejects the region or the keys."""
    detail: Any = error.response.get("Error", {})
    first_line, *_ = str(detail.get("Message", "")).splitlines() or [""]
    said = f"{detail.get('Code', '')}: {first_line}"
    said = (keys.hidden_in(said) if keys else said)[:SHOWN]
    if "region" in said.lower():
        return (
            f"{endpoint.url} rejects the region {endpoint.region} ({said}); set its own region: {SET_REGION}"
        )
    whose = f"the keys from {keys}" if keys else "the harness's fake keys"
    names = f"{OURS}{ID} and {OURS}{SECRET} (and {OURS}{TOKEN})"
    return f"{endpoint.url} rejects {whose} ({said}); set {names} to the keys that it was started with"


def unreachable(error: BotoCoreError, endpoint: Endpoint) -> str:
    """Explain that the connection failed or cannot be trusted."""
    from botocore.exceptions import ConnectionClosedError, SSLError  # noqa: PLC0415  (start-up)

    url, text = endpoint.url, str(error)
    if isinstance(error, SSLError):
        if why := re.search(r"certificate verify failed: (.*?)(?: \(_ssl|$)", text):
            by = endpoint.ca_bundle or "any known CA"
            return f"{url}: {by} does not verify its certificate ({why[1]}); set the file of its CA: {SET_CA}"
        return f"{url} does not speak TLS ({text[:SHOWN]}); use http:// if it has no certificate"
    hint = "; use https:// if it has a certificate" if isinstance(error, ConnectionClosedError) else ""
    return f"{url} does not speak AWS's API: {text}{hint}"
