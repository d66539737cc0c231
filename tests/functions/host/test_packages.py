"""Deployment packages are unzipped once for each content."""

from __future__ import annotations

import io
import os
import zipfile

import pytest

from harness.functions.host.packages import PackageStore


def zipped(files: dict[str, bytes], mode: int = 0o644) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name)
            entry.external_attr = mode << 16
            archive.writestr(entry, content)
    return buffer.getvalue()


def test_a_zip_becomes_a_folder_once(tmp_path):
    store = PackageStore(tmp_path)
    first = store.unzip(zipped({"app.py": b"x = 1", "package/data.txt": b"y"}))
    assert (first / "package" / "data.txt").read_bytes() == b"y"
    (first / "mark").touch()
    assert store.unzip(zipped({"app.py": b"x = 1", "package/data.txt": b"y"})) == first
    assert (first / "mark").exists()
    assert store.unzip(zipped({"app.py": b"x = 2"})) != first


def test_programs_stay_executable(tmp_path):
    folder = PackageStore(tmp_path).unzip(zipped({"bin/tool": b"#!/bin/sh"}, mode=0o755))
    assert os.access(folder / "bin" / "tool", os.X_OK)


def test_what_is_no_zip_is_refused_each_time(tmp_path):
    store = PackageStore(tmp_path)
    for _ in range(2):
        with pytest.raises(zipfile.BadZipFile):
            store.unzip(b"no zip")


def test_a_deployed_zip_runs(runtime, make_function):
    import dataclasses

    code = runtime.code_folder(zipped({"app.py": b"def handler(event, context): return 'zipped'"}))
    config = dataclasses.replace(make_function(""), code=code)
    assert runtime.invoke(config, b"{}").result == '"zipped"'
