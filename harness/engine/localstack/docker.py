"""LocalStack in its own container, started by testcontainers."""

from __future__ import annotations

import os
import uuid
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from harness.engine.base import Availability, EngineError
from harness.engine.child import Child
from harness.engine.control_client import Unanswered, ask
from harness.engine.localstack import image
from harness.engine.localstack.running import localstack_version
from harness.engine.remote import RemoteEngine
from harness.polling import PollTimeout, poll

if TYPE_CHECKING:
    from testcontainers.core.container import DockerContainer

START_TIMEOUT_S = 120.0
NO_TOKEN = 55
"""The exit status of an image that requires a token but does not get one."""
PORT = "4566/tcp"
LABEL = "stepfunctions-harness"
"""The label on the harness's containers. Its value identifies one run."""


class LocalStackDocker(RemoteEngine):
    """A container from the harness's image, on a free port on 127.0.0.1.

    It is removed at the end, even if the harness is killed.
    """

    name = "localstack-docker"
    summary = "LocalStack 4.14.0 in a container, started by testcontainers (extra docker)"

    def __init__(self) -> None:
        super().__init__()
        self._base = os.environ.get("LOCALSTACK_BASE", image.BASE)
        self._reaper = Child("the container's reaper", START_TIMEOUT_S)
        self._container: DockerContainer | None = None
        self._version = ""

    @property
    def label(self) -> str:
        """The engine's name with the version."""
        return f"{self.name} (LocalStack {self._version})"

    def availability(self) -> Availability:
        """Return the version of Docker Engine, if it responds."""
        try:
            client = _client()
        except ModuleNotFoundError:
            remedy = "run: pip install 'stepfunctions-harness[docker]'"
            return Availability(False, "testcontainers is not installed", remedy)
        except EngineError as error:
            return Availability(False, str(error), "start Docker, or set DOCKER_HOST")
        version = client.version()["Version"]
        client.close()
        return Availability(True, f"Docker {version}, image on {self._base}")

    def _reach(self) -> str:
        """Build the image if necessary, start the container and wait until it accepts requests."""
        found = self.availability()
        if not found.usable:
            raise EngineError(f"{self.name}: {found.detail}; {found.remedy}")
        client = _client()
        try:
            url = self._run(image.ensure(client, self._base))
        finally:
            client.close()
        self._version = localstack_version(url)
        return url

    def stop(self) -> None:
        """Remove the container and everything that was created with it."""
        self._clients = None
        self._container = None
        self._reaper.stop()

    def check(self) -> None:
        """Raise EngineError if the container has exited."""
        if self._container is not None:
            self._look()

    def _run(self, name: str) -> str:
        from docker.errors import DockerException  # noqa: PLC0415  (an extra)
        from testcontainers.core.config import testcontainers_config  # noqa: PLC0415
        from testcontainers.core.container import DockerContainer  # noqa: PLC0415

        label = f"{LABEL}={uuid.uuid4()}"
        self._reaper.launch_module("harness.engine.localstack.reaper", label, env=os.environ)
        self._reaper.ready()
        testcontainers_config.ryuk_disabled = True
        container = DockerContainer(name, labels=dict([label.split("=")]))
        ports: Any = {PORT: ("127.0.0.1",)}  # docker-py's notation for any free port on this address
        container.ports = ports
        if token := os.environ.get("LOCALSTACK_AUTH_TOKEN"):
            container.with_env("LOCALSTACK_AUTH_TOKEN", token)
        try:
            container.start()
        except DockerException as error:
            raise EngineError(f"the container for {name} could not be started: {error}") from error
        self._container = container
        try:
            return poll(self._serving_url, bool, what=f"LocalStack in {name}", timeout_s=START_TIMEOUT_S)
        except PollTimeout as error:
            raise EngineError(f"{error}\n{self._log()}") from error

    def _serving_url(self) -> str:
        """Return the URL at which the container responds, or "" if it does not respond yet.

        The URL contains the published port, or the container's own address if the harness also runs in a
        container.
        """
        self._look()
        network = self._wrapped().attrs["NetworkSettings"]
        published = (network["Ports"].get(PORT) or [{}])[0].get("HostPort")
        places = [f"http://127.0.0.1:{published}"] if published else []
        places += [f"http://{n['IPAddress']}:4566" for n in network["Networks"].values() if n["IPAddress"]]
        return next((url for url in places if _serves(url)), "")

    def _look(self) -> None:
        """Raise EngineError if the container has exited."""
        container = self._wrapped()
        container.reload()
        state = container.attrs["State"]
        if state["Status"] not in ("exited", "dead"):
            return
        if state["ExitCode"] == NO_TOKEN:
            raise EngineError(
                f"the image on {self._base} requires a token: set LOCALSTACK_AUTH_TOKEN, "
                f"or use the last image that does not require one: LOCALSTACK_BASE={image.BASE}"
            )
        raise EngineError(f"the container exited with status {state['ExitCode']}\n{self._log()}")

    def _log(self) -> str:
        text: str = self._wrapped().logs(tail=40).decode(errors="replace")
        return text

    def _wrapped(self) -> Any:
        assert self._container is not None
        return self._container.get_wrapped_container()


def _client() -> Any:
    import docker  # noqa: PLC0415  (an extra)

    try:
        client = docker.from_env(timeout=300)
        client.ping()
    except docker.errors.DockerException as error:
        raise EngineError(f"Docker Engine does not respond ({str(error)[:200]})") from error
    return client


def _serves(url: str) -> bool:
    with suppress(Unanswered):
        ask("GET", f"{url}/_harness/about", timeout_s=1)
        return True
    return False
