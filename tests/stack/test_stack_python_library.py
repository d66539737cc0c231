"""The standard-library tables, compared with the Python versions on this machine."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

from harness.engine.pythons import find_python
from harness.functions.host.pythons import INSTALLABLE, OWN
from harness.functions.shared.runtimes import PYTHONS
from harness.stack.python_library import ADDED, NAMES, REMOVED, lacks

ASK = """
import importlib, json, sys
names = json.loads(sys.stdin.read())
print(json.dumps([sorted(sys.stdlib_module_names),
    [[m, n] for m, n in names if not hasattr(importlib.import_module(m), n)]]))
"""


@pytest.mark.parametrize("version", INSTALLABLE)
def test_the_tables_are_those_of_the_real_pythons(version: str) -> None:
    python = sys.executable if version == OWN else find_python(version, os.environ)
    if python is None:
        pytest.skip(f"this machine has no Python {version}")
    names = json.dumps([list(name) for name in NAMES])
    done = subprocess.run([python, "-I", "-c", ASK], input=names, capture_output=True, text=True, check=True)
    modules, missing = json.loads(done.stdout)
    minor = int(version.partition(".")[2])
    tables = {*ADDED, *REMOVED} - {"msilib", "nis", "ossaudiodev"}  # those are of some systems only
    assert {name for name in tables if lacks(minor, name)} == tables - set(modules)
    assert {name for name in NAMES if lacks(minor, *name)} == {tuple(name) for name in missing}


def test_every_python_of_lambda_is_known() -> None:
    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", "AWS::Lambda::Function").schema
    named = {name for name in schema["properties"]["Runtime"]["enum"] if name.startswith("python3")}
    assert set(PYTHONS) == named
