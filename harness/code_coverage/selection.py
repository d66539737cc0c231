"""The measured files, selected by coverage.py's own configuration and rules.

coverage.py applies `source`, `include` and `omit` while it measures, but has no API for checking a single
file. So this module uses its matchers. They have been the same since version 7.0.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import Any

from coverage import Coverage
from coverage.files import GlobMatcher, TreeMatcher, find_python_files, prep_patterns

from harness.functions.shared.model import Ran


class Selection:
    """The files selected by a configuration, at the time this object is created."""

    def __init__(self, coverage: Coverage) -> None:
        given: list[str] = _list(coverage, "run:source")
        packages = [*_list(coverage, "run:source_pkgs"), *(each for each in given if not os.path.isdir(each))]
        folders = [*_list(coverage, "run:source_dirs"), *(each for each in given if os.path.isdir(each))]
        self._folders = [os.path.abspath(each) for each in folders]
        self._packages = tuple(f"/{each.replace('.', '/')}" for each in packages)
        self._source = TreeMatcher(self._folders, "source")
        self._include = prep_patterns(_list(coverage, "run:include"))
        self._omit = prep_patterns(_list(coverage, "run:omit"))
        self._relative = bool(coverage.get_option("run:relative_files"))
        self._namespaces = bool(coverage.get_option("report:include_namespace_packages"))

    def chosen(self, lines: Mapping[str, Ran]) -> dict[str, Any]:
        """Return the measured files' lines, by coverage.py's file names."""
        return {self._name(path): list(ran) for path, ran in lines.items() if self._counts(path)}

    def not_run(self) -> list[str]:
        """Return the files below the `source` folders, executed or not, by coverage.py's file names."""
        return [self._name(path) for path in self._below() if not self._is_omitted(path)]

    def _below(self) -> Iterator[str]:
        for folder in self._folders:
            for path in find_python_files(folder, self._namespaces):
                yield os.path.abspath(path)

    def _counts(self, path: str) -> bool:
        if self._folders or self._packages:
            if not self._source.match(path) and not self._is_packaged(path):
                return False
        elif self._include and not GlobMatcher(self._include, "include").match(path):
            return False
        return not self._is_omitted(path)

    def _is_packaged(self, path: str) -> bool:
        bare = path.removesuffix(".py").removesuffix("/__init__")
        return any(bare.endswith(each) or f"{each}/" in bare for each in self._packages)

    def _is_omitted(self, path: str) -> bool:
        return bool(self._omit) and GlobMatcher(self._omit, "omit").match(path)

    def _name(self, path: str) -> str:
        relative = os.path.relpath(path)
        return relative if self._relative and not relative.startswith("..") else path


def _list(coverage: Coverage, option: str) -> list[str]:
    found: Any = coverage.get_option(option)
    return [str(each) for each in found] if isinstance(found, list | tuple) else []
