"""Find settings that make resources public without a policy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from harness.cloudformation.faults import Key
from harness.gate.access_rules import PUBLIC
from harness.gate.comparing import at
from harness.gate.finding import Finding
from harness.gate.place_of_access import finding_at
from harness.gate.resolved import Address, Resolved, Resource
from harness.json_types import Json, JsonObject, as_dict

Before = Mapping[Address, Resource]


@dataclass(frozen=True)
class _Open:
    """A property that makes a resource public if it has one of certain values."""

    type: str
    path: str
    values: tuple[Json, ...]
    what: str


_OPEN: Final = (
    _Open("AWS::Lambda::Url", "AuthType", ("NONE",), "can be called by everybody"),
    _Open(
        "AWS::S3::Bucket",
        "AccessControl",
        ("PublicRead", "PublicReadWrite", "AuthenticatedRead"),
        "has a public ACL",
    ),
    _Open("AWS::RDS::DBInstance", "PubliclyAccessible", (True,), "has an Internet address"),
    _Open("AWS::RDS::DBCluster", "PubliclyAccessible", (True,), "has an Internet address"),
    _Open("AWS::DMS::ReplicationInstance", "PubliclyAccessible", (True,), "has an Internet address"),
    _Open("AWS::Redshift::Cluster", "PubliclyAccessible", (True,), "has an Internet address"),
    _Open("AWS::RedshiftServerless::Workgroup", "PubliclyAccessible", (True,), "is on the internet"),
    _Open("AWS::AmazonMQ::Broker", "PubliclyAccessible", (True,), "has an Internet address"),
    _Open(
        "AWS::Cognito::IdentityPool",
        "AllowUnauthenticatedIdentities",
        (True,),
        "lets in unauthenticated users",
    ),
    _Open(
        "AWS::AppSync::GraphQLApi", "AuthenticationType", ("API_KEY",), "is open to everyone with an API key"
    ),
    _Open("AWS::ElasticLoadBalancingV2::LoadBalancer", "Scheme", ("internet-facing",), "is on the internet"),
)
# A method that lost its authorizer. A method without one in a new API is not reported.
_UNGUARDED: Final = (
    ("AWS::ApiGateway::Method", "AuthorizationType"),
    ("AWS::ApiGatewayV2::Route", "AuthorizationType"),
)
_BLOCKS: Final = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")
_EVERYWHERE: Final = ("0.0.0.0/0", "::/0")


def setting_findings(head: Resolved, before: Before) -> Iterator[Finding]:
    """Find settings that are public in the head and were not public in the base."""
    for address, resource in head.resources.items():
        was = before[address].properties if address in before else {}
        for each in _OPEN:
            if each.type == resource.type:
                now = at(resource.properties, each.path)
                if now in each.values and at(was, each.path) not in each.values:
                    yield _finding(head, resource, (each.path,), f"{each.what} ({each.path}: {now})")
        if address in before:
            yield from _unguarded(head, resource, was)
        if resource.type == "AWS::S3::Bucket":
            yield from _unblocked(head, resource, was)
        if resource.type.startswith("AWS::EC2::SecurityGroup"):
            yield from _ingress(head, resource, was)


def _unguarded(head: Resolved, resource: Resource, was: JsonObject) -> Iterator[Finding]:
    for kind, name in _UNGUARDED:
        earlier, now = was.get(name, "NONE"), resource.properties.get(name, "NONE")
        if kind == resource.type and earlier != "NONE" and now == "NONE":
            yield _finding(head, resource, (name,), f"no longer has {name} {earlier}")
    if "Body" in resource.properties:
        now_guarded = dict(_operations(resource.properties))
        for operation, guarded in _operations(was):
            if guarded and not now_guarded.get(operation, True):
                text = f"no longer requires authorization for {operation.upper()}"
                yield _finding(head, resource, ("Body",), text, f": {operation}")


def _operations(properties: JsonObject) -> Iterator[tuple[str, bool]]:
    """Yield the operations in an OpenAPI definition, and whether each requires authorization."""
    body = as_dict(properties.get("Body"))
    everywhere = bool(body.get("security"))
    for path, methods in as_dict(body.get("paths")).items():
        for method, operation in as_dict(methods).items():
            own = as_dict(operation).get("security")
            yield f"{method} {path}", everywhere if own is None else bool(own) and own != [{"NONE": []}]


def _unblocked(head: Resolved, resource: Resource, was: JsonObject) -> Iterator[Finding]:
    path = "PublicAccessBlockConfiguration"
    one, other = as_dict(was.get(path)), as_dict(resource.properties.get(path))
    lost = [each for each in _BLOCKS if one.get(each) is True and other.get(each) is not True]
    # A new bucket without the property blocks all public access. Removing the property unblocks it.
    opened = [each for each in _BLOCKS if path in resource.properties and other.get(each) is not True]
    if lost or (not one and opened):
        text = f"no longer blocks public access: {', '.join(lost or opened)}"
        yield _finding(head, resource, (path,), text)


def _ingress(head: Resolved, resource: Resource, was: JsonObject) -> Iterator[Finding]:
    if resource.type == "AWS::EC2::SecurityGroupIngress":
        if _is_open(resource.properties) and not _is_open(was):
            yield _finding(head, resource, ("CidrIp",), "is open to everyone on the internet")
        return
    rules, earlier = resource.properties.get("SecurityGroupIngress"), was.get("SecurityGroupIngress")
    for number, rule in enumerate(rules if isinstance(rules, list) else ()):
        if _is_open(as_dict(rule)) and rule not in (earlier if isinstance(earlier, list) else ()):
            keys: tuple[Key, ...] = ("SecurityGroupIngress", number)
            ports = f"{as_dict(rule).get('FromPort', 'all')}-{as_dict(rule).get('ToPort', 'all')}"
            yield _finding(head, resource, keys, f"is open to everyone on the internet, on ports {ports}")


def _is_open(rule: JsonObject) -> bool:
    return rule.get("CidrIp") in _EVERYWHERE or rule.get("CidrIpv6") in _EVERYWHERE


def _finding(
    head: Resolved, resource: Resource, keys: tuple[Key, ...], text: str, subject: str = ""
) -> Finding:
    lines = head.stacks[resource.stack].lines
    place = lines.position("Resources", resource.logical_id, "Properties", *keys)
    message = f"{resource.shown} {text}; this is new"
    remedy = f"leave {keys[0]} as it was, or accept the finding with a reason"
    return finding_at(PUBLIC, f"{resource.logical_id}.{keys[0]}{subject}", message, remedy, place)
