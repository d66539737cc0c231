"""Public Lambda layers: their content, and the layers that a function works without.

Sources:
- Powertools: https://docs.aws.amazon.com/powertools/python/latest/getting-started/install/
- AWS SDK for pandas: https://aws-sdk-pandas.readthedocs.io/en/stable/layers.html
- Klayers: https://github.com/keithrozario/Klayers
- Lambda Insights: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Lambda-Insights-extension-versions.html
- Parameters and Secrets: https://docs.aws.amazon.com/systems-manager/latest/userguide/ps-integration-lambda-extensions.html
- AppConfig: https://docs.aws.amazon.com/appconfig/latest/userguide/appconfig-integration-lambda-extensions-versions.html
- Datadog: https://docs.datadoghq.com/serverless/aws_lambda/installation/python/
- Sentry: https://docs.sentry.io/platforms/python/integrations/aws-lambda/
- New Relic: https://layers.newrelic-external.com
- Lambda Web Adapter: https://github.com/awslabs/aws-lambda-web-adapter
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class PublicLayer:
    """A layer whose name matches `pattern`.

    Attributes:
        packages: the pip names of the packages in it; may contain groups from the pattern: `{0}`.
        harmless: the reason why a function returns the same result without it; "" if it does not.
        missing: a feature that no package provides.
        instead: the remedy in this case; default: a local folder.
    """

    pattern: re.Pattern[str]
    packages: str = ""
    harmless: str = ""
    missing: str = ""
    instead: str = ""


def _layer(pattern: str, packages: str = "", **more: str) -> PublicLayer:
    return PublicLayer(re.compile(pattern), packages, **more)


_OWN_AWS_SDK: Final = "functions have boto3 without it"
_TELEMETRY: Final = "it only sends telemetry"
_FUNCTION: Final = (
    "for the scenarios, replace the function with a Python function that returns the same results"
)
LAYERS: Final = (
    _layer(r"AWSLambdaPowertoolsPythonV3-.*", "'aws-lambda-powertools[all]>=3,<4'"),
    _layer(r"AWSLambdaPowertoolsPythonV2(-.*)?", "'aws-lambda-powertools[all]>=2,<3'"),
    _layer(r"AWSLambdaPowertoolsPython(-.*)?", "'aws-lambda-powertools>=1,<2' aws-xray-sdk"),
    _layer(r"AWS(?:SDKPandas|DataWrangler)-Python\d+(?:-Arm64)?", "awswrangler"),
    _layer(r"Klayers-p(?:ython)?\d+(?:-arm64)?-(?P<package>.+)", "{package}"),
    _layer(r"Datadog-Python\d+(-ARM)?", "datadog-lambda"),
    _layer(r"SentryPythonServerlessSDK.*", "sentry-sdk"),
    _layer(r"NewRelicPython\d+.*", "newrelic newrelic-lambda"),
    _layer(r"AWSLambda-Python\d+-SciPy1x", "numpy scipy"),
    _layer(r"AWSLambda-Python-AWS-SDK", harmless=_OWN_AWS_SDK),
    _layer(r"LambdaInsightsExtension(-Arm64)?", harmless=_TELEMETRY),
    _layer(r"Datadog-Extension.*", harmless=_TELEMETRY),
    _layer(r"NewRelicLambdaExtension.*", harmless=_TELEMETRY),
    _layer(
        r"AWS-Parameters-and-Secrets-Lambda-Extension(-Arm64)?",
        missing="it serves localhost:2773, which the harness does not",
    ),
    _layer(
        r"AWS-AppConfig-Extension(-Arm64)?", missing="it serves localhost:2772, which the harness does not"
    ),
    _layer(r"LambdaAdapterLayer.*", missing="it turns a web server into a function", instead=_FUNCTION),
)
"""Layers by the name in their ARN, without the version. The first matching pattern wins."""


def name_of(arn: str) -> str:
    """Return the name of a layer in its ARN, or "".

    >>> name_of("arn:aws:lambda:us-east-1:017000801446:layer:AWSLambdaPowertoolsPythonV2:32")
    'AWSLambdaPowertoolsPythonV2'
    """
    parts = arn.split(":layer:", 1)
    return parts[1].partition(":")[0] if len(parts) == 2 else ""


def known_layer(arn: str) -> PublicLayer | None:
    """Find the entry of a public layer. None for any other layer."""
    name = name_of(arn)
    return next((each for each in LAYERS if each.pattern.fullmatch(name)), None)


def command_for(arn: str, place: str = "") -> str:
    """Return the command that downloads a layer's content to a folder or zip file; see `entry_for`."""
    place = place or _place(arn)
    if packages := _packages(arn):
        return f"pip install -t {place}/python {packages}"
    url = f"aws lambda get-layer-version-by-arn --arn {_written(arn)} --query Content.Location --output text"
    file = place if place.endswith(".zip") else f"{place}.zip"
    unzip = "" if file == place else f" && unzip {file} -d {place}"
    return f'curl -o {file} --create-dirs "$({url})"{unzip}'


def entry_for(arn: str) -> str:
    """Return the setting that replaces a layer with local files, in any Region and version."""
    pattern = re.sub(r"\$\{[^}]*\}", "*", arn)
    pattern = re.sub(r"^arn:[^:]*:lambda:[^:]*:", "arn:*:lambda:*:", pattern)
    if re.search(r":layer:[^:]+:[^:]+$", pattern):
        pattern = pattern.rpartition(":")[0] + ":*"
    return f'layers = {{"{pattern}" = "./{_place(arn)}"}}'


def layer_refusal(arn: str) -> tuple[str, str]:
    """Return the problem with a layer that is not available, and the remedy."""
    known, entry = known_layer(arn), f"{entry_for(arn)} in [tool.harness]"
    if known is not None and known.missing:
        remedy = (
            f"replace it with a folder, which may be empty, if the scenarios do not need the layer: {entry}"
        )
        return f"layer {arn} is not available: {known.missing}", known.instead or remedy
    return f"layer {arn} is not available", f"{command_for(arn)}, and {entry}"


def _place(arn: str) -> str:
    """Return the folder or zip file for a layer's content."""
    known = known_layer(arn)
    first = _packages(arn).replace("'", "").split(" ")[0]
    name = re.match(r"[A-Za-z0-9._-]*", first or name_of(arn))
    folder = f"layers/{name[0].lower() if name and name[0] else 'layer'}"
    return folder if first or (known is not None and known.missing) else f"{folder}.zip"


def _packages(arn: str) -> str:
    known, name = known_layer(arn), name_of(arn)
    found = known.pattern.fullmatch(name) if known is not None else None
    return known.packages.format(**found.groupdict()) if known is not None and found else ""


def _written(arn: str) -> str:
    """Return an ARN for a command, with angle brackets around the parts that a template fills in."""
    return re.sub(r"\$\{(?:AWS::)?([^}]*)\}", lambda found: f"<{found[1].lower()}>", arn)
