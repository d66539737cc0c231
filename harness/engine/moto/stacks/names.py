"""The physical names that CloudFormation generates for resources."""

from __future__ import annotations

from typing import Final

from moto.cloudformation.utils import random_suffix

from harness.json_types import JsonObject

# Maximum name lengths, for types with a limit below the usual 255 characters.
_LONGEST: Final = {
    "AWS::ElasticLoadBalancingV2::LoadBalancer": 32,
    "AWS::ElasticLoadBalancingV2::TargetGroup": 32,
    "AWS::Events::Rule": 64,
    "AWS::IAM::Group": 128,
    "AWS::IAM::ManagedPolicy": 128,
    "AWS::IAM::Role": 64,
    "AWS::IAM::User": 64,
    "AWS::Lambda::Function": 64,
    "AWS::S3::Bucket": 63,
    "AWS::SQS::Queue": 80,
    "AWS::StepFunctions::StateMachine": 80,
}
_LOWER: Final = ("AWS::ECR::Repository", "AWS::S3::Bucket")
_LONG: Final = 255
_SUFFIX: Final = ".fifo"


def made_up(kind: str, stack: str, logical_id: str, properties: JsonObject) -> str:
    """Return a name built from the stack name, the logical ID and a random suffix.

    For example: `stack-logical-5GQ2X1TLLB2S`.
    """
    chance = random_suffix()
    if kind == "AWS::IAM::Policy":
        return f"{stack[:5]}-{logical_id[:4]}-{chance}"
    if kind == "AWS::SSM::Parameter":
        return f"CFN-{logical_id}-{chance}"
    end = _SUFFIX if str(properties.get("FifoQueue", properties.get("FifoTopic"))).lower() == "true" else ""
    room = _LONGEST.get(kind, _LONG) - len(chance) - len(end) - 2
    left = stack[: max(room - len(logical_id), room // 2)]
    name = f"{left}-{logical_id[: room - len(left)]}".rstrip("-")
    name = f"{name}-{chance}{end}"
    return name.lower() if kind in _LOWER else name
