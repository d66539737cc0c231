"""Removes a container when its parent exits for any reason: `python -m ... LABEL`.

It waits until standard input closes, then removes the containers with the label. Therefore, no
container remains if the harness is killed. testcontainers has an image for this purpose, but that
image cannot be pulled everywhere.
"""

from __future__ import annotations

import os
import sys

import docker


def main(label: str) -> None:
    """Wait until standard input closes, then remove the containers."""
    client = docker.from_env()
    os.write(1, b"{}\n")
    while os.read(0, 1):
        pass
    for container in client.containers.list(all=True, filters={"label": label}):
        container.remove(force=True, v=True)


if __name__ == "__main__":
    main(sys.argv[1])
