"""Python libraries that open files themselves, redirected to a function's folders: see `table`.

Other libraries that open files themselves, such as a C library in a package, see this machine's files.
"""

from __future__ import annotations

import contextlib
import functools
import importlib.machinery
import importlib.util
import os
import socket
import sys
from collections.abc import Callable, Mapping, Sequence
from types import ModuleType
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from .quota import QUOTA
from .table import TABLE, text_of

Function = Callable[..., Any]
_PAGE = 4096  # for SQLite's databases


def install() -> None:
    """Replace functions in the libraries, including libraries that are loaded later."""
    _lead_extensions()
    _lead_addresses()
    for name, patch in _PATCHES.items():
        if name in sys.modules:
            patch(sys.modules[name])
    sys.meta_path.insert(0, _Loading())


def _lead_extensions() -> None:
    loader: Any = importlib.machinery.ExtensionFileLoader
    create = loader.create_module

    def create_module(self: Any, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        origin = spec.origin
        if not TABLE.active or origin is None or (here := TABLE.here(origin)) == origin:
            return create(self, spec)  # type: ignore[no-any-return]
        led = importlib.machinery.ModuleSpec(spec.name, spec.loader, origin=here)
        module: ModuleType = create(self, led)
        module.__file__ = origin
        return module

    loader.create_module = create_module


def _lead_addresses() -> None:
    """Redirect the paths of Unix sockets, and translate the paths that sockets return."""
    for name in ("bind", "connect", "connect_ex"):
        real = getattr(socket.socket, name)

        def led(self: socket.socket, address: Any, _real: Function = real) -> Any:
            if TABLE.active and isinstance(address, (str, bytes)) and self.family == socket.AF_UNIX:
                address = TABLE.here(os.fsdecode(address))
            return _real(self, address)

        setattr(socket.socket, name, functools.wraps(real)(led))
    for name in ("getsockname", "getpeername"):
        real = getattr(socket.socket, name)

        def told(self: socket.socket, _real: Function = real) -> Any:
            address = _real(self)
            return TABLE.there(address) if TABLE.active and isinstance(address, str) else address

        setattr(socket.socket, name, functools.wraps(real)(told))


def _lead_first(real: Function) -> Function:
    """Wrap a function whose first argument is a path."""

    @functools.wraps(real)
    def led(path: Any = None, *args: Any, **kwargs: Any) -> Any:
        text = text_of(path) if TABLE.active else None
        return real(path if text is None else TABLE.here(text), *args, **kwargs)

    return led


def _lead_ctypes(module: Any) -> None:
    module._dlopen = _lead_first(module._dlopen)


def _lead_dbm(module: Any) -> None:
    module.open = _lead_first(module.open)


def _lead_ssl(module: Any) -> None:
    context = module.SSLContext
    for name in ("load_verify_locations", "load_cert_chain"):
        setattr(context, name, _lead_methods_paths(getattr(context, name)))


def _lead_methods_paths(real: Function) -> Function:
    @functools.wraps(real)
    def led(self: Any, *args: Any, **kwargs: Any) -> Any:
        if not TABLE.active:
            return real(self, *args, **kwargs)
        paths = ("cafile", "capath", "certfile", "keyfile")
        return real(
            self,
            *(_path_here(value) for value in args),
            **{key: _path_here(value) if key in paths else value for key, value in kwargs.items()},
        )

    return led


def _path_here(value: Any) -> Any:
    return TABLE.here(os.fspath(value)) if isinstance(value, (str, os.PathLike)) else value


def _lead_sqlite(module: Any) -> None:
    """Redirect databases. Outside of /tmp they are read-only."""
    made: Any = module.Connection

    class Connection(made):  # type: ignore[misc]
        def __init__(self, database: Any, *args: Any, **kwargs: Any) -> None:
            place, uri = _database(database, kwargs.pop("uri", False))
            super().__init__(place, *args, uri=uri, **kwargs)
            if TABLE.read_only and place != database:
                with contextlib.suppress(module.DatabaseError):  # the file may not be a database
                    ((pages,),) = self.execute("PRAGMA page_count")
                    self.execute(f"PRAGMA max_page_count = {pages + QUOTA.free() // _PAGE}")

    Connection.__module__, Connection.__qualname__ = made.__module__, made.__qualname__
    real = module.connect

    @functools.wraps(real)
    def connect(database: Any, *args: Any, **kwargs: Any) -> Any:
        # Positions: timeout, detect_types, isolation_level, check_same_thread, factory.
        if len(args) < 5 and kwargs.get("factory", made) is made:
            kwargs["factory"] = Connection
        return real(database, *args, **kwargs)

    for target in (module, sys.modules.get("sqlite3"), sys.modules.get("sqlite3.dbapi2")):
        if target is not None:
            vars(target).update(connect=connect, Connection=Connection)


def _database(database: Any, uri: bool) -> tuple[Any, bool]:
    """Return the location of a SQLite database on this machine, and whether that is a URI."""
    text = text_of(database)
    if not TABLE.active or text is None or text in ("", ":memory:"):
        return database, uri
    path, options = text, ""
    if uri and text.startswith("file:"):
        parts = urlsplit(text)
        path, options = unquote(parts.path), parts.query
        if not path or path == ":memory:" or "mode=memory" in options:
            return database, uri
    if not TABLE.is_writable(path):
        kept = [part for part in options.split("&") if part and not part.startswith("mode=")]
        options = "&".join([*kept, "mode=ro"])
    here = TABLE.here(path)
    if not options:
        return here, False
    if here[:1] != "/":
        here = TABLE.here(TABLE.absolute(path))
    return f"file:{quote(here)}?{options}", True


_PATCHES: Mapping[str, Callable[[Any], None]] = {
    "_dbm": _lead_dbm,
    "_gdbm": _lead_dbm,
    "_sqlite3": _lead_sqlite,
    "ctypes": _lead_ctypes,
    "ssl": _lead_ssl,
}


class _Loading:
    """A finder for the libraries, which replaces their functions after they are loaded."""

    @staticmethod
    def find_spec(
        name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Return the spec for one of the libraries, or None for any other module."""
        if name not in _PATCHES:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec is None or spec.loader is None:
            return spec
        loader: Any = spec.loader
        execute = loader.exec_module

        def exec_module(module: ModuleType) -> None:
            execute(module)
            _PATCHES[name](module)

        loader.exec_module = exec_module
        return spec
