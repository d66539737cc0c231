"""The isolation methods that this machine supports, detected by trying them in a separate process."""

from __future__ import annotations

import errno
import json
import os
import sys
from pathlib import Path
from typing import NamedTuple

from ..sandbox.folders import namespace
from ..sandbox.folders.user import PASSWD
from ..shared.sandbox_protocol import FolderSetting, Isolation

_APPARMOR = Path("/proc/sys/kernel/apparmor_restrict_unprivileged_userns")
_DEBIAN = Path("/proc/sys/kernel/unprivileged_userns_clone")
_LIMIT = Path("/proc/sys/user/max_user_namespaces")
_CONTAINER = (Path("/.dockerenv"), Path("/run/.containerenv"))


class Available(NamedTuple):
    """The best isolation method (or "" if there is none), followed by the reason and the remedy."""

    isolation: Isolation
    reason: str = ""
    remedy: str = ""


def main(root: str) -> None:
    """Print the result of `available` for the folder in the argument, as a JSON list."""
    sys.path.remove(root)
    print(json.dumps(available(sys.argv[2])))


def available(folder: str) -> Available:
    """Try each method, starting with the best; `folder` is a temporary folder, which is left empty."""
    if sys.platform != "linux":
        return Available("", f"{sys.platform} has no mount namespaces", "run it on Linux, or in a container")
    new_setting(folder, folder, "")
    failure = _tried(folder, "user")
    if failure is None:
        return Available("user")
    if os.geteuid() == 0 and _tried(folder, "mount") is None:
        return Available("mount")
    return Available("", *_explained(failure))


def new_setting(folder: str, runtime: str, isolation: Isolation) -> FolderSetting:
    """Create the files shared by all environments for one Python in `folder`, and return their setting."""
    setting: FolderSetting = {
        "isolation": isolation,
        "task": f"{folder}/nothing",
        "opt": f"{folder}/nothing/opt",
        "runtime": runtime,
        "lang": f"{folder}/lang",
        "bytecode": f"{folder}/nothing",
        "tmp": "",
        "tmp_mib": 1,
        "stage": f"{folder}/stage",
        "nothing": f"{folder}/nothing",
        "passwd": f"{folder}/passwd",
    }
    if os.path.exists(setting["passwd"]):
        return setting
    python = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for name in (
        "lang/bin",
        "lang/bytecode",
        "nothing/home",
        "nothing/opt",
        "nothing/root",
        "nothing/var/tmp",
        "stage",
        "tmp",
    ):
        os.makedirs(f"{folder}/{name}", exist_ok=True)
    for name in (python, "python3", "python"):
        os.symlink(os.path.realpath(sys.executable), f"{folder}/lang/bin/{name}")
    Path(setting["passwd"]).write_text(PASSWD, encoding="ascii")
    return setting


def _tried(folder: str, isolation: Isolation) -> OSError | None:
    """Enter a namespace in a separate process; return the error, or None on success."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            setting = new_setting(folder, folder, isolation)
            namespace.enter(setting, isolation)
        except OSError as error:
            os.write(writing, f"{error.errno or errno.EIO} {error.filename}".encode())
        except Exception as error:  # for example, the C library lacks one of the calls
            os.write(writing, f"{errno.EIO} {type(error).__name__}: {error}".encode())
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as answer:
        number, _, doing = answer.read().partition(" ")
    os.waitpid(pid, 0)
    return OSError(int(number), os.strerror(int(number)), doing) if number else None


def _explained(failure: OSError) -> tuple[str, str]:
    """Return the reason for a failure, and the remedy."""
    said = f"{failure.filename}: {failure.strerror}"
    if failure.errno == errno.ENOSYS:
        return f"{said} (Linux before 5.12)", "use a newer Linux"
    if _is(_LIMIT, "0"):
        return f"{said} (user.max_user_namespaces is 0)", "sysctl user.max_user_namespaces=10000"
    if _is(_DEBIAN, "0"):
        return f"{said} (kernel.unprivileged_userns_clone is 0)", "sysctl kernel.unprivileged_userns_clone=1"
    if _is(_APPARMOR, "1"):
        return (
            f"{said} (AppArmor restricts user namespaces)",
            "sysctl kernel.apparmor_restrict_unprivileged_userns=0",
        )
    if failure.errno in (errno.EPERM, errno.EACCES) and any(path.exists() for path in _CONTAINER):
        return (
            f"{said} (the container's seccomp profile forbids it)",
            "docker run --security-opt seccomp=unconfined --security-opt apparmor=unconfined",
        )
    return said, "allow unshare(CLONE_NEWUSER | CLONE_NEWNS) and mount, which a seccomp profile may forbid"


def _is(path: Path, value: str) -> bool:
    try:
        return path.read_text(encoding="ascii").strip() == value
    except OSError:
        return False
