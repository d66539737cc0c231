"""The names and ARNs of one run: the same run id always gives the same, so that a retried call finds them."""

import hashlib
import re

# https://docs.aws.amazon.com/step-functions/latest/apireference/API_CreateStateMachine.html: 1 to 80
# characters; these are also the ones that CloudWatch takes.
MAX_CHARACTERS = 80
_SAFE = re.compile(r"[A-Za-z0-9_-]+")
_DIGEST_CHARACTERS = 12


def machine_name(prefix: str, run_id: str) -> str:
    """The report machine's name: prefix and run id, or a part of it and its hash if it does not fit.

    `("usage-report-", "run-1")` gives "usage-report-run-1".
    """
    if _SAFE.fullmatch(run_id) and len(prefix + run_id) <= MAX_CHARACTERS:
        return prefix + run_id
    digest = hashlib.sha256(run_id.encode()).hexdigest()[:_DIGEST_CHARACTERS]
    readable = re.sub(r"[^A-Za-z0-9_-]", "-", run_id)
    room = MAX_CHARACTERS - len(prefix) - len(digest) - 1
    return f"{prefix}{readable[:room]}-{digest}"


def execution_arn(machine_arn: str, run_id: str) -> str:
    """The ARN of the report machine's execution, which is named by the run id."""
    return machine_arn.replace(":stateMachine:", ":execution:", 1) + ":" + run_id
