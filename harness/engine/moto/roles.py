"""moto's roles, with IAM's responses.

Patched in moto.iam.models:
- `Role.put_policy`, which stores a policy from CloudFormation as a dict and then returns its repr instead of
  JSON.
- `Role.create_from_cloudformation_json`, which drops ManagedPolicyArns, and `delete_...`, which does not
  delete a role that has managed policies.
"""

from __future__ import annotations

import functools
import json
from typing import Any

from moto.iam.aws_managed_policies import aws_managed_policies_data
from moto.iam.models import AWSManagedPolicy, IAMBackend, Role, iam_backends
from moto.utilities.utils import get_partition


def install() -> None:
    """Store every policy as JSON text, and attach managed policies."""
    patched: Any = Role
    put, create = patched.put_policy, patched.create_from_cloudformation_json.__func__
    delete = patched.delete_from_cloudformation_json.__func__

    @functools.wraps(put)
    def put_policy(self: Role, policy_name: str, policy_json: Any) -> None:
        put(self, policy_name, policy_json if isinstance(policy_json, str) else json.dumps(policy_json))

    def create_with_managed(
        cls: Any, name: str, resource: dict[str, Any], account_id: str, region: str, /, **kwargs: Any
    ) -> Any:
        role = create(cls, name, resource, account_id, region, **kwargs)
        backend = iam_backends[account_id][get_partition(region)]
        for arn in resource["Properties"].get("ManagedPolicyArns", []):
            know(backend, arn)
            backend.attach_role_policy(arn, role.name)
        return role

    def delete_with_managed(cls: Any, name: str, resource: Any, account_id: str, region: str) -> None:
        backend = iam_backends[account_id][get_partition(region)]
        role = next((role for role in backend.roles.values() if role.name == name), None)
        for arn in list(role.managed_policies) if role else ():
            backend.detach_role_policy(arn, name)
        delete(cls, name, resource, account_id, region)

    patched.delete_from_cloudformation_json = classmethod(delete_with_managed)
    patched.put_policy = put_policy
    patched.create_from_cloudformation_json = classmethod(create_with_managed)


def know(backend: IAMBackend, arn: str) -> None:
    """Add an AWS managed policy, such as AWSLambdaBasicExecutionRole, when it is first requested."""
    name = arn.rpartition("/")[2]
    if ":iam::aws:policy/" not in arn or arn in backend.managed_policies:
        return
    known = json.loads(aws_managed_policies_data)
    if name in known:
        policy = AWSManagedPolicy.from_data(name, backend.account_id, backend.region_name, known[name])
        backend.managed_policies[policy.arn] = policy
