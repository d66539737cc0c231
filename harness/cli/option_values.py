"""Parse option values. Reject invalid values, with a remedy, before anything runs."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from harness.choosing.shard import Shard
from harness.files import is_folder, is_there
from harness.functions.faults import KINDS, kind_named
from harness.report import STDOUT

_LAST_PORT = 65_535


def percentage(text: str) -> float:
    """Parse a number from 0 to 100."""
    try:
        found = float(text)
    except ValueError:
        found = -1.0
    if not 0 <= found <= 100:
        raise argparse.ArgumentTypeError(f"invalid number {text!r}: must be from 0 to 100")
    return found


def fault_kind(text: str) -> str:
    """Parse the key of a fault kind."""
    try:
        return kind_named(text).key
    except LookupError:
        from harness.scenario.wording import nearest  # noqa: PLC0415  (pydantic takes a while to import)

        remedy = nearest(text, [kind.key for kind in KINDS])
        raise argparse.ArgumentTypeError(f"unknown fault kind {text!r}; {remedy}") from None


def natural(text: str) -> int:
    """Parse a whole number, at least 1."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"invalid number {text!r}: must be a whole number, 1 or more")
    return int(text)


def number(text: str) -> int:
    """Parse a whole number, at least 0."""
    return 0 if text == "0" else natural(text)


def port(text: str) -> int:
    """Parse a port number."""
    if not text.isdecimal() or not 1 <= int(text) <= _LAST_PORT:
        raise argparse.ArgumentTypeError(f"invalid port {text!r}: must be a number from 1 to {_LAST_PORT}")
    return int(text)


def shard_of(text: str) -> Shard:
    """Parse a shard: `1/4`."""
    try:
        return Shard.read(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def workers(text: str) -> int:
    """Parse the number of processes. `auto` is the number of CPUs available to this process."""
    if text == "auto":
        # not available on macOS
        usable: Callable[[int], set[int]] | None = getattr(os, "sched_getaffinity", None)
        return len(usable(0)) if usable else os.cpu_count() or 1
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(
            f"invalid number {text!r}: must be a whole number, 1 or more, or auto"
        )
    return int(text)


def web_origin(text: str) -> str:
    """Parse the origin of a web page, in the format of the Origin header."""
    parts = urlsplit(text)
    whole = bool(parts.netloc) and text == f"{parts.scheme}://{parts.netloc}"
    if not whole or parts.scheme not in ("http", "https"):
        raise argparse.ArgumentTypeError(
            f"invalid origin {text!r}: write, for example, http://localhost:3000"
        )
    return text.lower()


def bundle_file(text: str) -> Path:
    """Parse the path of a bundle file."""
    if not text.lower().endswith(".zip"):
        raise argparse.ArgumentTypeError(f"invalid bundle file {text!r}: its name must end in .zip")
    return output_file(text)


def output_file(text: str) -> Path:
    """Parse the path of a writable file, or `-`. Whether the file is writable is checked before anything
    runs.
    """
    path = Path(text)
    if path == STDOUT:
        return path
    if is_folder(path):
        raise argparse.ArgumentTypeError(f"{text} is a folder; name a file")
    there = next(p for p in (path, *path.absolute().parents) if is_there(p))
    if there != path and not is_folder(there):
        raise argparse.ArgumentTypeError(f"{text} cannot be written: {there} is not a folder")
    if not os.access(there, os.W_OK):
        raise argparse.ArgumentTypeError(f"{text} cannot be written: {there} is not writable")
    return path
