"""The environment variables of a function: Lambda's own, the function's, and nothing of the developer's.

Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping

from .model import FunctionConfig
from .reach import XRAY_DAEMON
from .sandbox_protocol import LOG_FD

LOG_STREAM, RUNTIME_API = "AWS_LAMBDA_LOG_STREAM_NAME", "AWS_LAMBDA_RUNTIME_API"
"""Variables that differ from one environment of a function to the next."""

# Lambda's user has no home folder. Without HOME, Python would find the developer's, and botocore in it
# ~/.aws with its profiles and models.
_HOME = "/home/sbx_user1051"


_OWN_RUNTIME = f"python{sys.version_info.major}.{sys.version_info.minor}"

_XRAY_HOST, _XRAY_PORT = XRAY_DAEMON  # no daemon on the developer's machine is sent anything


def base_variables(runtime: str = "") -> dict[str, str]:
    """The variables that depend on the runtime only; the supervisor runs with these and no others."""
    variables = {
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{runtime or _OWN_RUNTIME}",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_XRAY_CONTEXT_MISSING": "LOG_ERROR",
        "AWS_XRAY_DAEMON_ADDRESS": f"{_XRAY_HOST}:{_XRAY_PORT}",
        "_AWS_XRAY_DAEMON_ADDRESS": _XRAY_HOST,
        "_AWS_XRAY_DAEMON_PORT": str(_XRAY_PORT),
        "HOME": _HOME,
        "LANG": "en_US.UTF-8",
        "PATH": "/usr/local/bin:/usr/bin:/bin:/opt/bin",
        "TZ": ":UTC",
    }
    # An interpreter may need it to start.
    return variables | {name: os.environ[name] for name in ("LD_LIBRARY_PATH",) if name in os.environ}


def log_group(config: FunctionConfig) -> str:
    """The name of the function's log group."""
    return f"/aws/lambda/{config.name}"


def function_variables(
    config: FunctionConfig, runtime_api: str, now_s: float, stream: str
) -> Mapping[str, str]:
    """All variables of a new environment of the function.

    `runtime_api` is the address of the Runtime API, `host:port/secret`; `stream` is the end of the name of the
    log stream, of which 32 digits are used.
    """
    day = time.strftime("%Y/%m/%d", time.gmtime(now_s))
    reserved = {
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(config.memory_mib),
        "AWS_LAMBDA_FUNCTION_NAME": config.name,
        "AWS_LAMBDA_FUNCTION_VERSION": config.version,
        "AWS_LAMBDA_LOG_FORMAT": config.log_format,
        "AWS_LAMBDA_LOG_GROUP_NAME": log_group(config),
        LOG_STREAM: f"{day}/[{config.version}]{stream[:32]}",
        RUNTIME_API: runtime_api,
        "AWS_DEFAULT_REGION": config.region,
        "AWS_REGION": config.region,
        "LAMBDA_TASK_ROOT": str(config.code),
        "_HANDLER": config.handler,
        "_LAMBDA_TELEMETRY_LOG_FD": str(LOG_FD),
    }
    if config.log_level:
        reserved["AWS_LAMBDA_LOG_LEVEL"] = config.log_level
    here = base_variables(config.runtime)
    here["AWS_ENDPOINT_URL"] = config.endpoint_url
    if config.layers:
        here["PATH"] = here["PATH"].replace("/opt", str(config.layers))
    return {**here, **config.environment, **config.credentials, **reserved}
