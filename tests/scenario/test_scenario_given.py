"""External values in files: valid values, and messages that show no secret."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.expect import BUILT_IN
from harness.hidden import without_secrets
from harness.scenario.load import parse
from harness.scenario.position import ScenarioError
from harness.settings import SettingsError
from harness.settings_reading import load_settings

SECRET = "correct-horse-battery"
REFUSED = {
    "exports: {a_b: x}": "'a_b' is not a valid name for an export; use up to 255 letters, digits",
    "outputs: {net: {a-b: x}}": "'a-b' is not a valid name for an output; use letters and digits",
    "outputs: {net: x}": "net: expected a mapping, found 'x'; write key: value pairs",
    "ssm: {'/a b': x}": "'/a b' is not a valid name for a parameter; use letters, digits, dots, hyphens",
    "ssm: {/a: ''}": "invalid length of a parameter's value: 0 characters; use 1 to 8,192",
    "ssm: {/a: ['x,y']}": "invalid list entry 'x,y'; write a single entry, without commas",
    "ssm: {/a: []}": "/a is empty; add at least one",
    "ssm: {/a: {}}": "this entry is empty; add at least one of value, values, secure",
    "ssm: {/a: {value: x, secure: y}}": "a parameter must have exactly one of value, values, secure; remove "
    "the others",
    "ssm: {/a: {secret: x}}": "unknown key 'secret' in stack.ssm./a; did you mean 'secure'?",
    f"ssm: {{/a: {{secure: [{SECRET}]}}}}": "secure: the value of a SecureString must be text; write it in "
    "quotes",
    f"secrets: {SECRET}": "secrets: expected a mapping; write the names of secrets with their values",
    f"secrets: {{db: [{SECRET}]}}": "a secret must be text, or a mapping with text values; "
    "write text in quotes",
    f"secrets: {{'a b': {SECRET}}}": "'a b' is not a valid name for a secret; use letters, digits and "
    "/_+=.@!-",
    "secrets: {db: 5}": "a secret must be text, or a mapping with text values; write text in quotes",
}


@pytest.mark.parametrize("given", REFUSED)
def test_what_cannot_be_given_is_refused_without_showing_secrets(given: str) -> None:
    text = f"title: t\nstack:\n  template: t.yaml\n  {given}\nexpect: {{messages: []}}\n"
    with pytest.raises(ScenarioError) as refused:
        parse(text, BUILT_IN, Path("x.yaml"))
    assert REFUSED[given] in str(refused.value)
    assert str(refused.value).startswith("x.yaml:4:")
    assert SECRET not in str(refused.value)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (f'secrets = "{SECRET}"', "secrets must be a table; write [tool.harness.secrets]"),
        (
            f'secrets = {{db = ["{SECRET}"]}}',
            "secrets.db: a secret must be text, or a mapping with text values",
        ),
        ('ssm = {"/a" = {secured = "x"}}', "ssm./a.secured: unknown key 'secured'"),
        ('exports = {a = ["x"]}', "exports.a: expected text"),
    ],
)
def test_settings_are_checked_likewise(tmp_path: Path, given: str, message: str) -> None:
    (tmp_path / "pyproject.toml").write_text(f"[tool.harness]\n{given}\n")
    with pytest.raises(SettingsError) as refused:
        load_settings(tmp_path, {})
    assert message in str(refused.value)
    assert SECRET not in str(refused.value)


def test_secrets_are_hidden_from_everything_that_is_written() -> None:
    lines = "first-line-of-it\n  second-line-of-it"
    text = (
        "title: t\nstack:\n  template: t.yaml\n"
        "  secrets:\n    db: {password: 'pa\"ss-of-db', pin: abc, n: 1}\n"
        f"    text: {lines!r}\n".replace("'", '"')
        .replace('"pa"', "'pa\"")
        .replace('of-db"', "of-db'")
        + "  ssm: {/a: {secure: secure-text}}\nexpect: {messages: []}\n"
    )
    parse(text, BUILT_IN, Path("x.yaml"))
    assert without_secrets('x pa"ss-of-db y') == "x (secret) y"
    assert without_secrets(r'{"p": "pa\"ss-of-db"}') == '{"p": "(secret)"}'
    assert without_secrets("my secure-text!") == "my (secret)!"
    assert without_secrets("a second-line-of-it") == "a (secret)"
    assert without_secrets("abc abcd") == "(secret) abcd"
