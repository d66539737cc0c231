"""Programs that a function starts without a mount namespace for its folders.

Paths in their command, their environment and their working directory are redirected to the paths on this
machine: see `table`. Any other path that a program opens is a path on this machine, so a message is reported
when a program starts.
"""

from __future__ import annotations

import functools
import os
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .roots import OPT, TASK, TMP
from .table import TABLE, text_of

Function = Callable[..., Any]
Tell = Callable[[str], None]

_tellers: list[Tell] = []  # until it has been reported
_PATHS = re.compile(r"(?<![\w./~-])/(?:tmp|opt|dev/shm|var/(?:task|runtime|lang))(?![\w-])[^\s\"';:|&<>)]*")


def tell_of_programs(tell: Tell) -> None:
    """Call `tell` with a message when the first program starts."""
    _tellers[:] = [tell]


def replacements() -> dict[str, Function]:
    """Return the `os` functions that start programs."""
    makers = {
        "execv": _execute,
        "execve": _execute,
        "posix_spawn": _execute,
        "posix_spawnp": _execute,
        "system": _system,
    }
    return {name: make(getattr(os, name)) for name, make in makers.items() if hasattr(os, name)}


def led_fork_exec(real: Function) -> Function:
    """Wrap `_posixsubprocess.fork_exec`, which `subprocess` and `multiprocessing` use to start programs."""

    @functools.wraps(real)
    def fork_exec(
        args: Any, executables: Any, close_fds: Any, pass_fds: Any, cwd: Any, env: Any, *rest: Any
    ) -> Any:
        if not TABLE.read_only:
            return real(args, executables, close_fds, pass_fds, cwd, env, *rest)
        _tell(os.fsdecode(args[0]))
        variables = env if env is not None else [b"%b=%b" % pair for pair in os.environb.items()]
        led_env = [_bytes_here(variable) for variable in variables]
        if not any(variable.startswith(b"TMPDIR=") for variable in led_env):
            led_env.append(b"TMPDIR=" + os.fsencode(TABLE.here(TMP)))
        folder = None if cwd is None else TABLE.here(os.fsdecode(cwd))
        programs = [os.fsencode(TABLE.here(os.fsdecode(program))) for program in executables]
        return real(_led(args), programs, close_fds, pass_fds, folder, led_env, *rest)

    return fork_exec


def _tell(program: str) -> None:
    while _tellers:
        name = os.path.basename(program.split(" ", maxsplit=1)[0])
        _tellers.pop()(
            f"starts other programs, such as {name}; without mount namespaces they see this machine's "
            f"folders: {TMP}, {TASK} and {OPT} in their command are redirected, other paths are not; "
            "`harness engines` shows the missing requirement"
        )


def _execute(real: Function) -> Function:
    @functools.wraps(real)
    def execute(path: Any, argv: Sequence[Any], *rest: Any, **kwargs: Any) -> Any:
        text = text_of(path)
        if not TABLE.read_only or text is None:
            return real(path, argv, *rest, **kwargs)
        _tell(text)
        if rest and isinstance(rest[0], Mapping):
            variables = {_led_one(key): _led_one(value) for key, value in rest[0].items()}
            rest = ({"TMPDIR": TABLE.here(TMP), **variables}, *rest[1:])
        try:
            return real(TABLE.here(text), _led(argv), *rest, **kwargs)
        except OSError as error:
            if error.filename is not None:
                error.filename = path
            raise

    return execute


def _system(real: Function) -> Function:
    @functools.wraps(real)
    def system(command: Any) -> int:
        if not TABLE.read_only:
            return int(real(command))
        _tell(os.fsdecode(command))
        return int(real(_led_one(command)))

    return system


def _led(arguments: Sequence[Any]) -> list[Any]:
    return [_led_one(argument) for argument in arguments]


def _led_one(argument: Any) -> Any:
    if isinstance(argument, bytes):
        return _bytes_here(argument)
    text = os.fspath(argument)
    return _bytes_here(text) if isinstance(text, bytes) else _text_here(text)


def _bytes_here(text: bytes) -> bytes:
    return os.fsencode(_text_here(os.fsdecode(text)))


def _text_here(text: str) -> str:
    """Redirect each path in a string that is below a function's folders, including in `--file=/tmp/x`."""
    return _PATHS.sub(lambda found: TABLE.here(found[0]), text)
