"""Real AWS cannot be reached by accident, whatever the developer's environment says."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
# Imported by every Python process of the run: notes and refuses connections to anything but this machine.
GUARD = """
import os, socket
connect = socket.socket.connect
def guarded(self, address):
    inet = self.family in (socket.AF_INET, socket.AF_INET6)
    if inet and address[0] not in ("127.0.0.1", "::1", "localhost"):
        with open(os.environ["GUARD_LOG"], "a") as log:
            print(address, file=log)
        raise OSError(f"refused: {address}")
    return connect(self, address)
socket.socket.connect = guarded
with open(os.environ["GUARD_LOG"] + ".loaded", "a") as log:
    print(os.getpid(), {k: v for k, v in os.environ.items() if k.startswith("AWS_")}, file=log)
"""


def test_a_run_ignores_the_developers_credentials_and_stays_on_this_machine(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(GUARD)
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws" / "config").write_text("[default]\nendpoint_url = http://192.0.2.1\n[profile prod]\n")
    (tmp_path / ".aws" / "credentials").write_text(
        "[prod]\naws_access_key_id=AKIAREAL\naws_secret_access_key=s\n"
    )
    log = tmp_path / "connections"
    ended = subprocess.run(
        [sys.executable, "-m", "harness", "run", "scenarios/empty-bucket.yaml", "-v"],
        cwd=ROOT,
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(tmp_path),
            "PYTHONPATH": str(tmp_path),
            "GUARD_LOG": str(log),
            "AWS_PROFILE": "nowhere",
            "AWS_ACCESS_KEY_ID": "AKIAREAL",
            "AWS_SECRET_ACCESS_KEY": "really-secret",
            "AWS_ENDPOINT_URL": "http://192.0.2.1",
            "AWS_DEFAULT_REGION": "eu-central-1",
            "HTTP_PROXY": "http://192.0.2.1:3128",
            "HTTPS_PROXY": "http://192.0.2.1:3128",
        },
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert not log.exists(), log.read_text()
    loaded = Path(f"{log}.loaded").read_text().splitlines()
    assert len(loaded) >= 2, "the guard was in this process and in the engine's"
    assert [line.split(" ", 1)[1] for line in loaded[1:]] == ["{}"] * len(loaded[1:]), (
        "an engine saw AWS_ variables"
    )
    assert "really-secret" not in ended.stdout + ended.stderr
    assert "AKIAREAL" not in ended.stdout + ended.stderr
