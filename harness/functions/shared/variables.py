"""A function's environment variables: Lambda's own and the function's, but not the developer's.

Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
"""

from __future__ import annotations

import hashlib
import os
import sys
import time
from collections.abc import Mapping

from .model import FunctionConfig
from .reach import XRAY_DAEMON
from .sandbox_protocol import LOG_FD, RUNTIME, TASK

LOG_STREAM, RUNTIME_API = "AWS_LAMBDA_LOG_STREAM_NAME", "AWS_LAMBDA_RUNTIME_API"
"""Environment variables that differ between a function's environments."""

# Lambda's user has no home folder. Without HOME, Python would find the developer's home folder, and
# botocore would find profiles and models in its ~/.aws.
_HOME = "/home/sbx_user1051"


_OWN_RUNTIME = f"python{sys.version_info.major}.{sys.version_info.minor}"

_XRAY_HOST, _XRAY_PORT = XRAY_DAEMON  # send nothing to a daemon on the developer's machine


def base_variables(runtime: str = "") -> dict[str, str]:
    """Return the variables that depend only on the runtime. The supervisor runs with only these variables."""
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
        "PATH": "/var/lang/bin:/usr/local/bin:/usr/bin:/bin:/opt/bin",
        "TZ": ":UTC",
    }
    # An interpreter may need it to start.
    return variables | {name: os.environ[name] for name in ("LD_LIBRARY_PATH",) if name in os.environ}


def log_group(config: FunctionConfig) -> str:
    """Return the name of the function's log group."""
    return f"/aws/lambda/{config.name}"


def environment_seed(config: FunctionConfig, world: int, number: int) -> str:
    """Return the seed for a function's environment on virtual time. Environments are numbered from 1."""
    return f"environment {world} {config.arn} {config.version} {number}"


def function_variables(
    config: FunctionConfig, runtime_api: str, now_s: float, seed: str
) -> Mapping[str, str]:
    """Return all variables for a new environment of the function.

    `runtime_api` is the address of the Runtime API, `host:port/secret`. The log stream's name is derived
    from `seed`.
    """
    day = time.strftime("%Y/%m/%d", time.gmtime(now_s))
    stream = hashlib.sha256(seed.encode()).hexdigest()[:32]
    reserved = {
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(config.memory_mib),
        "AWS_LAMBDA_FUNCTION_NAME": config.name,
        "AWS_LAMBDA_FUNCTION_VERSION": config.version,
        "AWS_LAMBDA_LOG_FORMAT": config.log_format,
        "AWS_LAMBDA_LOG_GROUP_NAME": log_group(config),
        LOG_STREAM: f"{day}/[{config.version}]{stream}",
        RUNTIME_API: runtime_api,
        "AWS_DEFAULT_REGION": config.region,
        "AWS_REGION": config.region,
        "LAMBDA_RUNTIME_DIR": RUNTIME,
        "LAMBDA_TASK_ROOT": TASK,
        "PYTHONPATH": RUNTIME,
        "_HANDLER": config.handler,
        "_LAMBDA_TELEMETRY_LOG_FD": str(LOG_FD),
    }
    if config.log_level:
        reserved["AWS_LAMBDA_LOG_LEVEL"] = config.log_level
    here = base_variables(config.runtime)
    here["AWS_ENDPOINT_URL"] = config.endpoint_url
    return {**here, **config.environment, **config.credentials, **reserved}
