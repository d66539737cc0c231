"""The objects that LocalStack finds through the entry points in pyproject.toml."""

from __future__ import annotations

import os
from typing import Any

from localstack import constants
from localstack.runtime import hooks
from localstack.services.lambda_.invocation.plugins import RuntimeExecutorPlugin
from localstack.services.plugins import Service, aws_provider

from harness.functions.host.control_server import ControlServer, account_routes
from harness.functions.shared.control_protocol import PREFIX, SECRET_HEADER, SECRET_VARIABLE

from .shared import ACCOUNTS


class ProcessExecutorPlugin(RuntimeExecutorPlugin):
    """`LAMBDA_RUNTIME_EXECUTOR=process`."""

    name = "process"

    def load(self, *_: Any, **__: Any) -> type:
        """Return the executor's class."""
        from .executor import ProcessExecutor  # noqa: PLC0415  (when LocalStack first needs Lambda)

        return ProcessExecutor


@aws_provider(api="dynamodb", name="moto")
def dynamodb_on_moto() -> Service:
    """`PROVIDER_OVERRIDE_DYNAMODB=moto`: tables in LocalStack's memory, for machines without Java."""
    from localstack.aws.api.dynamodb import DynamodbApi  # noqa: PLC0415
    from localstack.services.moto import MotoFallbackDispatcher  # noqa: PLC0415

    return Service.for_provider(DynamodbApi(), dispatch_table_factory=MotoFallbackDispatcher)


@hooks.on_infra_start()
def add_routes() -> None:
    """Serve control requests under /_harness/ on LocalStack's gateway."""
    from localstack.http import Request, Response  # noqa: PLC0415
    from localstack.services.edge import ROUTER  # noqa: PLC0415

    from . import objects  # noqa: PLC0415  (LocalStack's S3, which takes a while to import)

    objects.install()
    about = {"emulator": "LocalStack", "version": constants.VERSION}
    secret = os.environ.pop(SECRET_VARIABLE, "")  # LocalStack has no secret unless the harness started it
    control = ControlServer(account_routes(ACCOUNTS, about, objects.declare), secret)

    def serve(request: Request, name: str) -> Response:
        given = request.headers.get(SECRET_HEADER, "")
        reply = control.reply(request.method, PREFIX + name, request.args, request.get_data(), given)
        return Response(reply.text, status=reply.status, mimetype=reply.content_type)

    ROUTER.add(f"{PREFIX}<name>", serve, methods=["GET", "POST"])


@hooks.on_infra_ready()
def tell_ready() -> None:
    """Report to the parent process that LocalStack accepts requests (see __main__)."""
    announce = os.environ.get("HARNESS_READY_FD")
    if announce is None:
        return
    from localstack.services.s3 import provider  # noqa: PLC0415

    # Otherwise, all processes on this machine would share LocalStack's single folder in /tmp.
    provider.DEFAULT_S3_TMP_DIR = os.path.join(os.environ["TMPDIR"], "s3")
    os.write(int(announce), b"{}\n")


@hooks.on_infra_shutdown()
def stop_functions() -> None:
    """Stop all functions."""
    ACCOUNTS.close()
