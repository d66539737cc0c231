"""Lambda runtimes: the supported ones, and the errors for all others.

Source: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html
"""

from __future__ import annotations

import re

PYTHONS = tuple(f"python3.{minor}" for minor in range(6, 16))
"""Lambda's Python 3 runtimes, including deprecated ones."""

_OTHERS = re.compile(r"nodejs|java\d|dotnet|ruby\d|go1\.x|provided|python2\.7")


def refusal(runtime: str, package_type: str = "Zip") -> tuple[str, str] | None:
    """Return the error for an unsupported function and its remedy, or None for a supported function.

    >>> refusal("nodejs20.x")[0]
    'Runtime nodejs20.x is not supported; only Python functions are'
    """
    if package_type == "Image":
        return (
            "PackageType Image is not supported; only Python functions in a folder or a zip file are",
            _INSTEAD,
        )
    if runtime in PYTHONS:
        return None
    if _OTHERS.match(runtime):
        return f"Runtime {runtime} is not supported; only Python functions are", _INSTEAD
    return f"Runtime {runtime!r} is not an AWS runtime", f"known Python runtimes: {', '.join(PYTHONS[-6:])}"


_INSTEAD = "for the scenarios, replace it with a Python function that returns the same results"


def layer_refusal(arn: str) -> tuple[str, str]:
    """Return the error for a missing layer, and its remedy."""
    remedy = "provide it as local Content of an AWS::Lambda::LayerVersion, or install it into the code folder"
    return f"layer {arn} is not available here", remedy
