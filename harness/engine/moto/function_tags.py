"""Functions of stacks have tags, as on AWS: those of the template, those of the stack, and CloudFormation's.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cfn-console-add-tags.html
Patched in moto:
- `LambdaFunction.create_from_cloudformation_json`, which drops Tags.
- `ResourceMap.__getitem__`, which makes the resources of a stack, and gives its tags to those of EC2 only.

An update of the stack leaves the tags of a function as they are.
"""

from __future__ import annotations

import functools
from typing import Any

from moto.awslambda.models import LambdaFunction
from moto.cloudformation.parsing import ResourceMap


def install() -> None:
    """Patch moto in this process."""
    function: Any = LambdaFunction
    resources: Any = ResourceMap
    create, get = function.create_from_cloudformation_json.__func__, resources.__getitem__

    @functools.wraps(create)
    def create_with_tags(cls: Any, name: str, resource: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        made = create(cls, name, resource, *args, **kwargs)
        made.tags = {tag["Key"]: tag["Value"] for tag in resource["Properties"].get("Tags") or []}
        return made

    @functools.wraps(get)
    def get_with_tags(self: Any, key: str) -> Any:
        is_new = key not in self._parsed_resources
        made = get(self, key)
        if is_new and isinstance(made, LambdaFunction):
            made.tags = {**self.tags, "aws:cloudformation:logical-id": key, **made.tags}
        return made

    function.create_from_cloudformation_json = classmethod(create_with_tags)
    resources.__getitem__ = get_with_tags
