"""A function sees the same as on Lambda, and nothing from the developer's machine."""

from __future__ import annotations

import importlib.util
import json
import shutil
import sys
from pathlib import Path

import pytest

from harness.functions.host.runtime import FunctionRuntime

SHOW = """
import os, sys
def handler(event, context):
    return {"variables": dict(os.environ), "path": sys.path, "cwd": os.getcwd(), "argv": sys.argv,
            "home": os.path.expanduser("~"), "files": sorted(os.listdir("/proc/self/fd"))}
"""


def test_the_variables_are_lambdas_and_the_functions_only(make_function, monkeypatch):
    for name in ("AWS_PROFILE", "AWS_ACCESS_KEY_ID", "HTTPS_PROXY", "PYTHONPATH", "SECRET_OF_MINE"):
        monkeypatch.setenv(name, "developer")
    config = make_function(SHOW, environment={"TABLE": "usage"}, memory_mib=512, log_format="JSON")
    for method in ("fork", "spawn"):
        with FunctionRuntime(start_method=method) as runtime:
            seen = json.loads(runtime.invoke(config, b"{}").result)
        variables = seen["variables"]
        assert "developer" not in variables.values()
        assert "[$LATEST]" in variables.pop("AWS_LAMBDA_LOG_STREAM_NAME")
        assert variables.pop("_X_AMZN_TRACE_ID").startswith("Root=1-")
        address, _, secret = variables.pop("AWS_LAMBDA_RUNTIME_API").partition("/")
        assert 0 < int(address.removeprefix("127.0.0.1:")) < 65536
        assert len(secret) == 32
        variables.pop("LD_LIBRARY_PATH", None)
        assert variables == {
            "AWS_ACCESS_KEY_ID": "a",
            "AWS_DEFAULT_REGION": "eu-west-1",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
            "AWS_EXECUTION_ENV": f"AWS_Lambda_python3.{sys.version_info.minor}",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
            "AWS_LAMBDA_FUNCTION_NAME": config.name,
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_LAMBDA_LOG_FORMAT": "JSON",
            "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{config.name}",
            "AWS_REGION": "eu-west-1",
            "AWS_SECRET_ACCESS_KEY": "b",
            "AWS_XRAY_CONTEXT_MISSING": "LOG_ERROR",
            "AWS_XRAY_DAEMON_ADDRESS": "169.254.79.129:2000",
            "HOME": "/home/sbx_user1051",
            "LAMBDA_RUNTIME_DIR": "/var/runtime",
            "LAMBDA_TASK_ROOT": "/var/task",
            "LANG": "en_US.UTF-8",
            "PATH": "/var/lang/bin:/usr/local/bin:/usr/bin:/bin:/opt/bin",
            "PYTHONPATH": "/var/runtime",
            "TABLE": "usage",
            "TZ": ":UTC",
            "_AWS_XRAY_DAEMON_ADDRESS": "169.254.79.129",
            "_AWS_XRAY_DAEMON_PORT": "2000",
            "_HANDLER": "app.handler",
        }
        assert seen["cwd"] == seen["path"][0] == "/var/task"
        assert seen["path"][1] == "/var/runtime"
        assert not [entry for entry in seen["path"] if "site-packages" in entry]
        assert seen["argv"] == ["bootstrap"]
        assert seen["home"] == "/home/sbx_user1051"


@pytest.mark.parametrize("module", ["boto3", "botocore", "urllib3", "dateutil.parser", "six", "jmespath"])
def test_what_lambdas_runtime_brings_can_be_imported(either_runtime, make_function, module):
    config = make_function(f"import {module}\ndef handler(event, context): return 'there'")
    assert either_runtime.invoke(config, b"{}").result == '"there"'


@pytest.mark.parametrize("module", ["moto", "pydantic", "time_machine", "harness", "harness.functions"])
def test_what_only_this_machine_has_cannot_be_imported(either_runtime, make_function, module):
    invocation = either_runtime.invoke(make_function(f"import {module}"), b"{}")
    assert invocation.error is not None
    assert invocation.error.message == (
        f"Unable to import module 'app': No module named '{module.partition('.')[0]}'"
    )


@pytest.mark.parametrize("module", ["botocore", "harness", "simplejson"])
def test_a_package_that_the_zip_brings_goes_first(runtime, make_function, module):
    config = make_function(f"import {module}\ndef handler(event, context): return {module}.__file__")
    spec = importlib.util.find_spec(module)
    assert spec is not None
    assert spec.origin is not None
    shutil.copytree(Path(spec.origin).parent, config.code / module)
    assert json.loads(runtime.invoke(config, b"{}").result) == f"/var/task/{module}/__init__.py"


def test_no_file_of_the_supervisor_stays_open(either_runtime, make_function):
    config = make_function(
        """
        import os, stat
        def handler(event, context):
            kinds = set()
            for fd in range(5, 1024):
                try: kinds.add(stat.S_IFMT(os.fstat(fd).st_mode) == stat.S_IFSOCK)
                except OSError: pass
            return sorted(kinds)
        """
    )
    # Only sockets of the runtime client: no event loop, no pipe to a different environment, no lifeline.
    assert either_runtime.invoke(config, b"{}").result == "[true]"
