"""The image with the harness's plugin. It is looked up by a hash of its sources, and built if missing."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from harness.engine.base import EngineError
from harness.engine.localstack.sources import HERE, copy_plugin, fingerprint

if TYPE_CHECKING:
    from docker import DockerClient

BASE = "localstack/localstack:4.14.0"
REPOSITORY = "stepfunctions-harness-localstack"
DOCKERFILE = HERE / "Dockerfile"
REQUIREMENTS = HERE / "locks" / "plugin.txt"


def tag(base: str) -> str:
    """Return the image name, which depends on the base image name, the Dockerfile and the plugin."""
    digest = hashlib.sha256(base.encode() + DOCKERFILE.read_bytes() + REQUIREMENTS.read_bytes())
    digest.update(fingerprint().encode())
    return f"{REPOSITORY}:{digest.hexdigest()[:12]}"


def ensure(client: DockerClient, base: str) -> str:
    """Return the image name. Build the image if it does not exist. Raises EngineError if the build fails."""
    from docker.errors import APIError, BuildError, ImageNotFound  # noqa: PLC0415  (an extra)

    name = tag(base)
    with suppress(ImageNotFound):
        client.images.get(name)
        return name
    with tempfile.TemporaryDirectory() as folder:
        context = Path(folder)
        copy_plugin(context)
        for file in (DOCKERFILE, REQUIREMENTS):
            target = context / "harness" / "engine" / "localstack" / file.relative_to(HERE)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, target)
        try:
            client.images.build(
                path=folder,
                dockerfile="harness/engine/localstack/Dockerfile",
                tag=name,
                buildargs={"BASE": base},
                rm=True,
                forcerm=True,
            )
        except BuildError as error:
            log = "".join(str(line.get("stream", "")) for line in error.build_log)
            raise EngineError(
                f"the image on {base} could not be built: {error.msg}\n{log[-3000:]}"
            ) from error
        except APIError as error:
            raise EngineError(
                f"the image could not be built: {error.explanation}; "
                f"make the base {base} available (docker pull), or use a different one: LOCALSTACK_BASE=image"
            ) from error
    return name
