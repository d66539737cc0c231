"""LocalStack's Lambda executor `process`: functions run as local processes, through `harness.functions`.

LocalStack creates one executor for each concurrent invocation and reuses it. This executor is
stateless: the function runtime decides which process handles an invocation.
"""

from __future__ import annotations

from localstack import config as localstack_config
from localstack.services.lambda_.invocation.lambda_models import FunctionVersion, InvocationResult
from localstack.services.lambda_.invocation.runtime_executor import LambdaRuntimeException, RuntimeExecutor

from harness.functions.shared.model import FunctionConfig

from .shared import ACCOUNTS

HOST = "127.0.0.1"
CREDENTIALS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")


class ProcessExecutor(RuntimeExecutor):
    """An executor that handles one function version, one invocation at a time."""

    def start(self, env_vars: dict[str, str]) -> None:
        """Store the credentials of the function's role. A process is started only when needed."""
        self._config = config_of(self.function_version, {name: env_vars[name] for name in CREDENTIALS})

    def stop(self) -> None:
        """Do nothing: the function runtime stops idle processes."""

    def get_address(self) -> str:
        """Return the address that processes listen on."""
        return HOST

    def get_endpoint_from_executor(self) -> str:
        """Return the address at which processes reach LocalStack."""
        return HOST

    def get_runtime_endpoint(self) -> str:
        """Do nothing: processes do not call back to LocalStack."""
        return ""

    def get_logs(self) -> str:
        """Do nothing: the result of an invocation contains its log."""
        return ""

    def invoke(self, payload: dict[str, str]) -> InvocationResult:
        """Run an invocation. Errors in the function do not raise an exception."""
        invocation = ACCOUNTS.invoke(self._config, payload["payload"].encode())
        return InvocationResult(
            request_id=payload["invoke-id"],
            payload=invocation.result.encode(),
            is_error=invocation.error is not None,
            logs=invocation.log,
        )

    @classmethod
    def prepare_version(cls, function_version: FunctionVersion) -> None:
        """Unzip the code. Raises LambdaRuntimeException if the function cannot run on this executor."""
        runtime = str(function_version.config.runtime or "an image")
        if not runtime.startswith("python"):
            raise LambdaRuntimeException(
                f"the executor `process` supports only Python functions, not {runtime}"
            )
        if layers := function_version.config.layers:
            raise LambdaRuntimeException(
                f"the executor `process` does not support layers, and {function_version.id.function_name} "
                f"has {len(layers)}; run it on the engine moto, or install them into the code folder"
            )
        function_version.config.code.prepare_for_execution()

    @classmethod
    def cleanup_version(cls, function_version: FunctionVersion) -> None:
        """Do nothing: LocalStack removes the code itself."""


def config_of(version: FunctionVersion, credentials: dict[str, str]) -> FunctionConfig:
    """Return the runtime's description of a function deployed to LocalStack."""
    config = version.config
    logging = config.logging_config
    return FunctionConfig(
        arn=version.id.unqualified_arn(),
        name=version.id.function_name,
        handler=config.handler or "",
        code=config.code.get_unzipped_code_location(),
        revision=config.internal_revision,
        region=version.id.region,
        account_id=version.id.account,
        endpoint_url=f"http://{HOST}:{localstack_config.GATEWAY_LISTEN[0].port}",
        timeout_s=float(config.timeout),
        memory_mib=int(config.memory_size),
        tmp_mib=config.ephemeral_storage.size,
        version=version.id.qualifier,
        environment=config.environment or {},
        credentials=credentials,
        log_format=logging.get("LogFormat", "Text"),
        log_level=logging.get("ApplicationLogLevel", ""),
        role_arn=config.role,
        runtime=str(config.runtime or ""),
    )
