"""Copies of projects that the tests in this folder edit."""

import pytest
from planted import CDK, PLAIN, SAM, copied


@pytest.fixture
def plain(tmp_path):
    """This repository's own project."""
    return copied(PLAIN, tmp_path)


@pytest.fixture
def sam(tmp_path):
    return copied(SAM, tmp_path)


@pytest.fixture
def cdk(tmp_path):
    return copied(CDK, tmp_path)
