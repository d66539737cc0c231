"""The cfn-lint rules that count as errors.

The table applies to one version of cfn-lint, and pyproject.toml requires exactly that version. Each release
has new schemas, so a newer version may find more with the same rules. A project therefore gets new errors
only when its owner installs a new version of the harness. If a different version of cfn-lint is installed, a
rule that is not in the table is a warning that names that version.

Errors are rules that CloudFormation or a service enforces when it creates a stack. Warnings are rules
about style, security and good practice, guesses about formats, and lists that become outdated (instance
types, engine versions).
"""

from __future__ import annotations

import re
from typing import Final

from harness.lint.model import Finding

MADE_WITH: Final = "1.58.0"
"""The cfn-lint version that the table applies to."""

LIFECYCLES: Final = frozenset({"E2531", "E2533", "W2531"})
"""Rules that depend on the date: a warning with AWS's dates, never an error."""


def _ids(text: str) -> frozenset[str]:
    """Return the IDs in a string. Lines may have comments after `#`."""
    lines = (line.partition("#")[0] for line in text.splitlines())
    return frozenset(name for line in lines for name in line.split())


ERRORS: Final = _ids(
    """
    # The template cannot be read; its sections; null; the configuration of cfn-lint itself.
    E0000 E0003 E1001 E1002 E1003 E1004 E4002
    # Functions, and the names that they refer to.
    E1010 E1011 E1015 E1016 E1017 E1018 E1019 E1020 E1021 E1022 E1024 E1028 E1030 E1031
    # Parameters and rules.
    E1701 E1702 E2001 E2002 E2003 E2010 E2011 E2015
    # Resources: their types, attributes, properties and values.
    E3001 E3002 E3003 E3004 E3005 E3006 E3007 E3010 E3011 E3012 E3014 E3015 E3020 E3021
    E3030 E3031 E3032 E3033 E3034 E3035 E3036 E3037 E3038 E3040 E3058
    # DynamoDB, SQS, IAM and Lambda.
    E3039 E3638 E3639 E3501 E3502 E3505 E3510 E3511 E3512 E3530
    E2530 E3633 E3634 E3663 E3677 E3678 E3685 E3696 E3697 E3705 E3717
    # Outputs, mappings and conditions.
    E6001 E6002 E6003 E6004 E6005 E6010 E6011 E6101 E6102 E7001 E7002 E7010
    E8001 E8002 E8003 E8004 E8005 E8006 E8007
    """
)

WARNINGS: Final = _ids(
    """
    # cfn-lint could not do its work: a rule broke, or a transform that only AWS can do.
    E0001 E0002 E0100 E0200 E2900 E1005 E1032 E1033 E5001
    # Guesses: where a text meant a function, dynamic references, formats of ids and ARNs.
    E1027 E1029 E1040 E1041 E1050 E1051 E1052 E1101 E1103 E1150 E1151 E1152 E1153 E1154 E1155
    E1156 E1157 E1158 E1159 E1160 E1161 E1162 E1164 E1700 E4001 E3514 E3050
    # "None of these alternatives", which says nothing where the alternatives are formats.
    E3017 E3018 E3008
    # Definitions of state machines: the harness's own parser knows more of them.
    E3601
    # Services that no workflow needs, and lists that age.
    E2529 E3009 E3013 E3016 E3019 E3022 E3023 E3024 E3025 E3026 E3027 E3028 E3029 E3041 E3042
    E3043 E3044 E3045 E3046 E3047 E3048 E3049 E3051 E3052 E3053 E3054 E3055 E3056 E3057 E3059
    E3060 E3061 E3062 E3063 E3064 E3065 E3066 E3503 E3504 E3513 E3615 E3617 E3620 E3621 E3628
    E3635 E3636 E3640 E3641 E3642 E3643 E3644 E3647 E3652 E3653 E3660 E3661 E3667 E3670 E3671
    E3672 E3673 E3674 E3675 E3676 E3679 E3680 E3681 E3682 E3683 E3684 E3686 E3687 E3688 E3689
    E3690 E3691 E3692 E3693 E3694 E3695 E3698 E3699 E3700 E3701 E3702 E3703 E3704 E3706 E3707
    E3708 E3709 E3710 E3711 E3712 E3713 E3714 E3715 E3716 E3718 E3719 E3720 E3721 E3722 E3723
    E3724 E3725
    """
)

_OWN_TYPE = re.compile(r"Resource type '(?!aws\b)[A-Za-z0-9]+::", re.IGNORECASE)
_ONE_LETTER = re.compile(r"'[A-Za-z]' does not match")


def is_error(finding: Finding) -> bool:
    """Return whether a finding means that AWS rejects the template."""
    if finding.rule not in ERRORS or finding.message.startswith("None is not "):
        return False  # None: cfn-lint could not evaluate the value
    if finding.rule == "E3006" and _OWN_TYPE.match(finding.message):
        return False  # an account may have registered it
    if finding.rule == "E0000" and finding.message.startswith("Duplicate"):
        return False  # CloudFormation uses the last one
    if finding.keyword == "format":
        return False  # EC2 accepts 192.168.1.0/0, which is not a valid network for cfn-lint
    return not _is_short_variable(finding)


def is_unknown(finding: Finding) -> bool:
    """Return whether a finding is an error for cfn-lint, with a rule that is not in the table."""
    return finding.rule.startswith("E") and finding.rule not in ERRORS | WARNINGS | LIFECYCLES


def _is_short_variable(finding: Finding) -> bool:
    """Return whether the finding is about an environment variable with a one-letter name.

    Lambda's model requires two characters. Examples often use one, and are still worth running.
    """
    return finding.path[-2:-1] == ("Variables",) and _ONE_LETTER.match(finding.message) is not None
