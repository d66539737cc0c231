"""Classify the principals that a statement allows: everyone, other accounts, or the same account."""

from __future__ import annotations

import re
from typing import Final, Literal

from harness.gate.statements import Statement

Audience = Literal["everybody", "another account", "an identity provider", "a service", "this account"]
_ACCOUNT: Final = re.compile(r"\d{12}")
_OF_ACCOUNTS: Final = frozenset(
    {
        "aws:principalaccount",
        "aws:sourceaccount",
        "aws:sourceowner",
        "kms:calleraccount",
        "s3:dataaccesspointaccount",
    }
)
_OF_ARNS: Final = frozenset({"aws:principalarn", "aws:sourcearn"})
_OTHERS: Final = frozenset(
    {
        "aws:principalorgid",
        "aws:principalorgpaths",
        "aws:sourceip",
        "aws:sourceorgid",
        "aws:sourcevpc",
        "aws:sourcevpce",
        "aws:userid",
        "aws:vpcsourceip",
        "elasticfilesystem:accessedviamounttarget",
        "lambda:eventsourcetoken",
    }
)
"""Condition keys that restrict access to a subset of callers. See
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""
_EVERYWHERE: Final = frozenset({"*", "0.0.0.0/0", "::/0"})


def audience_of(part: Statement, account: str) -> Audience:
    """Return the audience of a statement with one principal, for a stack in an account."""
    if part.principals.all_but:
        return _limited(part, account)
    kind, _, name = part.principals.values[0].partition(":")
    if kind == "Service":
        return "a service"
    if kind == "Federated":
        has_subject = any(key.endswith((":sub", ":aud", ":amr")) for _, key in part.condition)
        return "an identity provider" if has_subject else "everybody"
    if kind == "CanonicalUser":
        return "this account" if "." in name else "another account"  # an identity in the template
    if name == "*":
        return _limited(part, account)
    return _of_name(name, account)


def _of_name(name: str, account: str) -> Audience:
    owner = name.split(":")[4] if name.count(":") >= 5 else name
    if owner == "cloudfront":
        return "a service"
    return "another account" if _ACCOUNT.fullmatch(owner) and owner != account else "this account"


def _limited(part: Statement, account: str) -> Audience:
    """Return the audience of a statement for everyone who meets a condition."""
    found: list[Audience] = []
    for (operator, key), values in part.condition.items():
        if "Not" in operator or operator.endswith("IfExists") or operator == "Null":
            continue
        if _EVERYWHERE.intersection(values):
            continue
        if key in _OF_ACCOUNTS:
            found.append(_of_all(values, account))
        elif key in _OF_ARNS:
            found.append(_of_all(_accounts_in(values, account), account))
        elif key in _OTHERS:
            found.append("this account")
    return next((each for each in found if each == "this account"), found[0] if found else "everybody")


def _accounts_in(arns: tuple[str, ...], account: str) -> tuple[str, ...]:
    """Return the accounts in ARNs. Bucket ARNs contain no account."""
    return tuple(_owner(arn) or account for arn in arns)


def _owner(arn: str) -> str:
    parts = arn.split(":")
    return parts[4] if len(parts) > 4 else "*"


def _of_all(accounts: tuple[str, ...], account: str) -> Audience:
    if any("*" in each for each in accounts):
        return "everybody"
    return "this account" if all(each == account for each in accounts) else "another account"
