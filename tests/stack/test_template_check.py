"""Errors that CloudFormation would report are reported before anything starts, at their location."""

from __future__ import annotations

from pathlib import Path

import pytest
from refused_templates import REFUSED, Refused

from harness.stack.template import TemplateError, check


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_a_template_is_refused_at_its_place(tmp_path: Path, case: Refused) -> None:
    path = tmp_path / "template.yaml"
    path.write_text(case.text)
    with pytest.raises(TemplateError) as refused:
        check(path, case.parameters)
    first = str(refused.value).splitlines()[0]
    assert first.startswith(f"{path}:{case.place}: ")
    assert case.says in first
    assert "hidden" not in first
