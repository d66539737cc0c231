"""Run functions as root, as a different user, and where namespaces are forbidden, each in a separate process.

    python isolation_modes.py MODE  <jobs.json  >results.json

The jobs are lists of `[name, source, settings]`, one list for each runtime. The functions in a list are
invoked one after the other, or concurrently if it starts with "together".
"""

from __future__ import annotations

import ctypes
import dataclasses
import json
import os
import platform
import pwd
import shutil
import struct
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
MODES = ("root", "user", "forbidden")
_NUMBERS = {"x86_64": (272, 165, 442), "aarch64": (97, 40, 442)}  # unshare, mount, mount_setattr
_LD, _JEQ, _RET = 0x20, 0x15, 0x06
_ALLOW, _EPERM = 0x7FFF_0000, 0x0005_0001
_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _FILTER = 38, 22, 2
_CLONE_NEWNS, _MS_BIND, _MS_REC, _MS_PRIVATE = 0x20000, 4096, 16384, 1 << 18

_libc = ctypes.CDLL(None, use_errno=True)


def reason_against(mode: str) -> str:
    """Return the reason why a mode cannot run here, or ""."""
    if sys.platform != "linux":
        return "namespaces are Linux's"
    if mode == "forbidden":
        known = platform.machine() in _NUMBERS
        return "" if known else f"the numbers of system calls of {platform.machine()} are not known"
    if mode == "root" and os.geteuid() != 0:
        return "the tests do not run as root"
    probe = "import ctypes, sys; sys.exit(ctypes.CDLL(None).unshare(0x10020000) != 0)"
    done = subprocess.run([sys.executable, "-c", probe], check=False)
    return "unshare is forbidden here" if done.returncode else ""


def play(mode: str, jobs: list[list[Any]]) -> list[list[dict[str, Any]]]:
    """Run functions in a mode. Return the result, error, log and notes for each."""
    done = subprocess.run(
        [sys.executable, __file__, mode],
        input=json.dumps(jobs),
        stdout=subprocess.PIPE,
        text=True,
        timeout=300,
        check=True,
    )
    results: list[list[dict[str, Any]]] = json.loads(done.stdout)
    return results


def main() -> None:
    """Switch to the mode, and run the jobs."""
    mode = sys.argv[1]
    folder = tempfile.mkdtemp(prefix="modes-")
    if mode == "forbidden":
        _forbid()
    elif mode == "user" and os.geteuid() == 0:
        show([Path(sys.base_prefix), Path(sys.prefix), ROOT])
        nobody = pwd.getpwnam("nobody")
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
        os.setgroups([])
        os.setresgid(*[nobody.pw_gid] * 3)
        os.setresuid(*[nobody.pw_uid] * 3)
    environment = {**os.environ, "TMPDIR": folder, "HOME": folder, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", "import isolation_modes; isolation_modes.run()"]
    environment["PYTHONPATH"] += os.pathsep + str(Path(__file__).parent)
    try:
        subprocess.run(command, env=environment, check=True)
        assert os.listdir(folder) == [], "something is left"
    finally:
        os.rmdir(folder)


def run() -> None:
    """Run the jobs from stdin."""
    results = []
    with tempfile.TemporaryDirectory() as folder:
        for number, jobs in enumerate(json.load(sys.stdin)):
            results.append(_run_in_one(Path(folder, str(number)), jobs))
    json.dump(results, sys.stdout)


def _run_in_one(folder: Path, jobs: list[Any]) -> list[dict[str, Any]]:
    from harness.functions.host.runtime import FunctionRuntime
    from harness.functions.shared.model import FunctionConfig

    together = jobs[0] == "together"
    configs: list[FunctionConfig] = []
    for name, source, settings in jobs[1:] if together else jobs:
        code = folder / name
        if not code.exists():
            code.mkdir(parents=True)
            for file, text in settings.pop("files", {}).items():
                (code / file).parent.mkdir(exist_ok=True)
                (code / file).write_text(text)
                (code / file).chmod(0o755)
            for file, original in settings.pop("copies", {}).items():
                shutil.copy(original, code / file)
            (code / "app.py").write_text(source)
        configs.append(
            FunctionConfig(
                arn=f"arn:aws:lambda:eu-west-1:123456789012:function:{name}",
                name=name,
                handler="app.handler",
                code=code,
                revision="1",
                region="eu-west-1",
                account_id="123456789012",
                endpoint_url="http://127.0.0.1:1",
                timeout_s=120,
                **settings,
            )
        )
    with FunctionRuntime() as runtime, ThreadPoolExecutor(len(configs) if together else 1) as threads:
        done = list(threads.map(lambda config: runtime.invoke(config, b"{}"), configs))
    return [
        {
            "result": json.loads(each.result),
            "error": each.error and dataclasses.asdict(each.error),
            "log": each.log,
            "notes": each.notes,
        }
        for each in done
    ]


def _forbid() -> None:
    """Make the kernel reject namespaces and mounts with EPERM, as in an unprivileged container."""
    numbers = _NUMBERS[platform.machine()]
    code = [(_LD, 0, 0, 0)]
    code += [(_JEQ, len(numbers) - place, 0, number) for place, number in enumerate(numbers)]
    code += [(_RET, 0, 0, _ALLOW), (_RET, 0, 0, _EPERM)]
    packed = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *each) for each in code))

    class Program(ctypes.Structure):
        _fields_ = [("length", ctypes.c_ushort), ("code", ctypes.c_void_p)]

    program = Program(len(code), ctypes.addressof(packed))
    _libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if _libc.prctl(_PR_SET_SECCOMP, _FILTER, ctypes.byref(program), 0, 0):
        raise OSError(ctypes.get_errno(), "seccomp")


def show(paths: list[Path]) -> None:
    """Let a different user see root's folders, in a mount namespace that ends with this process."""
    closed = {parent for path in paths for parent in path.parents if not parent.stat().st_mode & 0o001}
    assert _libc.unshare(_CLONE_NEWNS) == 0
    _mount(None, "/", None, _MS_REC | _MS_PRIVATE)
    kept = {path: os.open(path, os.O_PATH) for path in paths if closed & set(path.parents)}
    for path in sorted(closed | kept.keys(), key=lambda path: len(path.parts)):
        if path in kept:
            path.mkdir(parents=True, exist_ok=True)
            _mount(f"/proc/self/fd/{kept[path]}", str(path), None, _MS_BIND | _MS_REC)
            os.close(kept[path])
        elif path.exists():  # and not already hidden with a parent folder
            _mount("tmpfs", str(path), "tmpfs", 0)


def _mount(source: str | None, target: str, kind: str | None, flags: int) -> None:
    names = (text.encode() if text else None for text in (source, target, kind))
    if _libc.mount(*names, ctypes.c_ulong(flags), b"mode=755" if kind else None):
        raise OSError(ctypes.get_errno(), target)


if __name__ == "__main__":
    main()
