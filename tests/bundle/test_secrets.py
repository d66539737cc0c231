"""Secrets are replaced by stand-ins of the same format, in every position and encoding."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from harness.bundle.secrets import Secret, StandIns, leak, places_of, without_places

SECRET = 'Ab1-"quoted"-Ü9'
STAND_INS = StandIns(
    [Secret("parameter Key", SECRET), Secret("secret db", '{"user": "app", "pass": "hunter-22"}')]
)


def test_a_stand_in_has_the_shape_and_is_the_same_everywhere() -> None:
    new = STAND_INS.text(SECRET)
    assert new != SECRET
    assert len(new) == len(SECRET)
    assert [each.isdigit() for each in new] == [each.isdigit() for each in SECRET]
    assert [each.isupper() for each in new] == [each.isupper() for each in SECRET]
    assert STAND_INS.text(f"<{SECRET}>") == f"<{new}>"


@pytest.mark.parametrize(
    "form",
    [
        json.dumps,
        lambda text: json.dumps(text, ensure_ascii=False),
        lambda text: json.dumps({"a": json.dumps({"b": text})}),
        lambda text: base64.b64encode(text.encode()).decode(),
    ],
)
def test_it_is_found_in_other_forms(form: object) -> None:
    assert callable(form)
    assert STAND_INS.text(form(SECRET)) == form(STAND_INS.text(SECRET))


def test_it_is_found_in_another_case() -> None:
    assert STAND_INS.text("HUNTER-22") == STAND_INS.text("hunter-22").upper() != "HUNTER-22"


def test_what_is_no_text_is_looked_at_too() -> None:
    assert b"hunter-22" not in STAND_INS.content(b"\xff\x00 hunter-22 \xfe")


def test_short_parts_are_left_and_told() -> None:
    assert STAND_INS.text("the app starts") == "the app starts"
    assert STAND_INS.names == ("parameter Key", "secret db")
    assert STAND_INS.short == ("secret db",)


def test_variables_that_are_named_like_secrets() -> None:
    environ = {
        "GITHUB_TOKEN": "ghp_0123456789",
        "HOME_KEY": "/home/ada/long",
        "KEYCLOAK_URL": "http://localhost:8080",
        "PATH": "/usr/bin:/usr/local/bin",
    }
    assert leak(b"x ghp_0123456789 y", environ) == "the value of the environment variable GITHUB_TOKEN"
    assert leak(b"/usr/bin:/usr/local/bin /home/ada/long http://localhost:8080", environ) == ""


def test_folders_of_the_machine_have_other_names() -> None:
    places = places_of(Path("/home/ada/shop"), {"HOME": "/home/ada"})
    said = without_places('"/home/ada/shop/a.py:1" /home/adam /home/ada/.x s3:/home/ada', places)
    assert said == '"./a.py:1" /home/adam ~/.x s3:/home/ada'.replace("s3:/home/ada", "s3:~")
    assert places_of(Path("/work"), {"HOME": "/root"}) == {"/work": "."}
