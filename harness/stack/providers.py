"""Functions that CDK adds for its custom resources. The engine replaces them instead of running them."""

from __future__ import annotations

import json
from typing import Final

from harness.json_types import JsonObject, as_dict

OWN: Final = frozenset(
    {"Custom::LogRetention", "Custom::S3AutoDeleteObjects", "Custom::VpcRestrictDefaultSG"}
)
"""Types of custom resources with functions from CDK, in Node.js.

https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.custom_resources-readme.html
"""


def own_providers(template: JsonObject) -> frozenset[str]:
    """Return the logical IDs of functions that only serve CDK's own custom resources."""
    resources = {name: as_dict(each) for name, each in as_dict(template["Resources"]).items()}
    tokens = {
        name: json.dumps(as_dict(each.get("Properties")).get("ServiceToken"))
        for name, each in resources.items()
        if "ServiceToken" in as_dict(each.get("Properties"))
    }
    functions = (name for name, each in resources.items() if each.get("Type") == "AWS::Lambda::Function")
    served = {
        function: {resources[name].get("Type") for name, token in tokens.items() if f'"{function}"' in token}
        for function in functions
    }
    return frozenset(function for function, kinds in served.items() if kinds and kinds <= OWN)
