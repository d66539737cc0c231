"""Lambda's runtimes: those that functions run on here, and the words for all others.

Source: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html
"""

from __future__ import annotations

import re

PYTHONS = tuple(f"python3.{minor}" for minor in range(6, 16))
"""Lambda's runtimes of Python 3, deprecated ones too."""

_OTHERS = re.compile(r"nodejs|java\d|dotnet|ruby\d|go1\.x|provided|python2\.7")


def refusal(runtime: str, package_type: str = "Zip") -> tuple[str, str] | None:
    """Say why a function does not run here, and what to do; None when it does.

    >>> refusal("nodejs20.x")[0]
    'Runtime nodejs20.x is not run here; only Python functions are'
    """
    if package_type == "Image":
        return "PackageType Image is not run here; only Python functions of a folder or a zip are", _INSTEAD
    if runtime in PYTHONS:
        return None
    if _OTHERS.match(runtime):
        return f"Runtime {runtime} is not run here; only Python functions are", _INSTEAD
    return f"Runtime {runtime!r} is no runtime of AWS's", f"known Python runtimes: {', '.join(PYTHONS[-6:])}"


_INSTEAD = "for the scenarios, put a Python function with the same answers in its place"


def layer_refusal(arn: str) -> tuple[str, str]:
    """Say that a layer is not there, and what to do."""
    remedy = "give it as local Content of an AWS::Lambda::LayerVersion, or install it into the code folder"
    return f"layer {arn} is not available here", remedy
