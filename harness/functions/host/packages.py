"""The folders that functions run from: unzipped deployment packages, and the packages in Lambda's runtime."""

from __future__ import annotations

import hashlib
import importlib.util
import io
import stat
import threading
import zipfile
from collections.abc import Sequence
from pathlib import Path

from ..shared.sandbox_protocol import CLOCK_MODULES

RUNTIME_MODULES = (
    "awslambdaric",
    "boto3",
    "botocore",
    "dateutil",
    "jmespath",
    "runtime_client",
    "s3transfer",
    "simplejson",
    "six",
    "snapshot_restore_py",
    "urllib3",
)
"""The modules that a function can import without packaging them: those in Lambda's Python runtime."""


def link_runtime(folder: Path, site_packages: Path | None = None) -> None:
    """Fill `folder` with the contents of Lambda's /var/runtime. A function cannot see any other site-packages
    on this machine. A package that is missing from the function's zip file is therefore not found, as on
    Lambda.

    The packages come from `site_packages`; by default, they are the ones that this process would import.
    """
    _link(folder, RUNTIME_MODULES, site_packages)


def link_clock(folder: Path, site_packages: Path | None = None) -> bool:
    """Copy only the virtual clock's packages into `folder`; return whether they are installed."""
    return _link(folder, CLOCK_MODULES, site_packages) == len(CLOCK_MODULES)


def _link(folder: Path, names: tuple[str, ...], site_packages: Path | None) -> int:
    folder.mkdir(parents=True)
    if site_packages:
        # A package's folder, a module, or a compiled module such as `_time_machine.cpython-313-darwin.so`.
        sources = [entry for entry in site_packages.iterdir() if _is_of(entry, names)]
        for source in sources:
            (folder / source.name).symlink_to(source)
        return len(sources)
    count = 0
    for name in names:
        spec = importlib.util.find_spec(name)
        if spec is None or spec.origin is None:  # runtime_client exists on Linux only
            continue
        origin = Path(spec.origin)
        source = origin.parent if spec.submodule_search_locations else origin
        (folder / source.name).symlink_to(source)
        count += 1
    return count


def _is_of(entry: Path, names: tuple[str, ...]) -> bool:
    return entry.name.split(".")[0] in names and entry.suffix in ("", ".py", ".so")


class PackageStore:
    """Unzips deployment packages into `folder`. Identical content is unzipped only once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._known: dict[bytes, Path] = {}  # by content: bytes objects cache their hash

    def unzip(self, zip_bytes: bytes) -> Path:
        """Return the folder with the package's content.

        Raises:
            zipfile.BadZipFile: it is not a zip file.
        """
        with self._lock:
            if zip_bytes not in self._known:
                self._known[zip_bytes] = self._unzipped(zip_bytes)
            return self._known[zip_bytes]

    def merge(self, zips: Sequence[bytes]) -> Path:
        """Return the folder with the merged content of several packages; later files replace earlier ones.

        Raises:
            zipfile.BadZipFile: one of them is not a zip file.
        """
        key = b"".join(hashlib.sha256(zip_bytes).digest() for zip_bytes in zips)
        with self._lock:
            if key not in self._known:
                self._known[key] = self._unzipped(*zips)
            return self._known[key]

    def _unzipped(self, *zips: bytes) -> Path:
        names = b"".join(hashlib.sha256(zip_bytes).digest() for zip_bytes in zips)
        target = self._folder / hashlib.sha256(names).hexdigest()[:32]
        partial = target.with_suffix(".partial")
        for zip_bytes in zips:
            with zipfile.ZipFile(io.BytesIO(zip_bytes)) as archive:
                _extract(archive, partial)
        return partial.rename(target)


def _extract(archive: zipfile.ZipFile, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for entry in archive.infolist():
        path = Path(archive.extract(entry, folder))
        mode = entry.external_attr >> 16 & 0o777  # no setuid or setgid bits
        if mode and not entry.is_dir():
            path.chmod(mode | stat.S_IRUSR)
