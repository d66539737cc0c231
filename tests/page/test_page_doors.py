"""The page responds only to users who have its link, and to no other web page."""

from __future__ import annotations

import pytest
from a_page import HOST, OWN, Browser, inside

from harness.page.look import Machine

MACHINE = Machine("arn:machine", "machine")
FORM = {"machine": "arn:machine", "input": "{}"}


def test_a_link_works_once_and_there_is_another():
    first, second = Browser(), None
    token = first.doors.token
    assert first.enter().status_code == 200
    assert first.used == 1
    assert first.doors.token != token
    second = Browser()
    second.doors, second.client.application._doors = first.doors, first.doors
    refused = second.get(f"/?token={token}")
    assert refused.status_code == 403
    assert "A link works only once" in refused.text
    assert second.get(first.doors.base).status_code == 403
    assert second.enter().status_code == 200
    assert second.get(first.doors.base).status_code == 200
    assert first.get(first.doors.base).status_code == 200, "the first one stays"


def test_without_a_link_nothing_is_shown():
    browser = Browser()
    for path in ("/", browser.doors.base, f"{browser.doors.base}logs", "/?token=", "/?token=%00%ff"):
        refused = browser.get(path)
        assert refused.status_code == 403, path
        assert browser.doors.token not in refused.text
        assert browser.doors.base not in refused.text
        assert "Set-Cookie" not in refused.headers


def test_the_cookie_is_for_this_page_alone():
    browser = Browser()
    answer = browser.enter()
    cookie = answer.headers["Set-Cookie"]
    assert f"Path={browser.doors.base}" in cookie, "cookies know no ports, so a path that nobody can guess"
    assert len(browser.doors.base) >= 16
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert "Domain" not in cookie
    assert browser.doors.token not in answer.text


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example:4000", "192.168.0.7:4000", "", "[::1]:4000"]
)
def test_a_name_that_leads_here_is_refused(host):
    browser = inside()
    assert browser.get(browser.doors.base, Host=host).status_code == 403
    assert browser.get(f"/?token={browser.doors.token}", Host=host).status_code == 403


def test_a_tunnel_may_have_another_port():
    browser = inside()
    assert browser.get("/?token=" + browser.doors.token, Host="localhost:9").status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},  # like a different port on this machine
        {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "navigate"},
        {"Origin": "http://127.0.0.1:4001"},
        {"Origin": "null"},
    ],
)
def test_a_request_of_another_page_is_refused(headers):
    browser = inside()
    assert browser.get(browser.doors.base, **headers).status_code == 403
    assert browser.get("/page.js", **headers).status_code == 403


def test_a_link_may_be_followed_from_anywhere_but_not_asked_for():
    browser = Browser()
    link = f"/?token={browser.doors.token}"
    assert browser.get(link, Sec_Fetch_Site="cross-site", Sec_Fetch_Mode="no-cors").status_code == 403
    assert browser.get(link, Sec_Fetch_Site="cross-site", Sec_Fetch_Mode="navigate").status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "http://evil.example", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "http://127.0.0.1:4001", "Sec-Fetch-Site": "same-site"},
        {"Origin": "null"},
        {"Origin": f"http://{HOST}", "Sec-Fetch-Site": "cross-site"},
    ],
)
def test_only_the_page_itself_starts_something(headers):
    browser = inside(known_machines=(MACHINE,))
    assert browser.post("start", FORM, headers).status_code == 403
    assert browser.look.started == []
    assert browser.post("start", FORM, OWN).status_code == 303
    assert browser.look.started == [("arn:machine", "", "{}")]


def test_without_the_cookie_nothing_is_started():
    browser = Browser(known_machines=(MACHINE,))
    assert browser.post("start", FORM).status_code == 403
    assert browser.look.started == []


def test_every_answer_allows_nothing_but_the_page():
    browser = inside()
    answers = [
        browser.get(browser.doors.base),
        browser.get("/page.css"),
        browser.get("/"),
        browser.get(f"{browser.doors.base}nowhere"),
        browser.get(browser.doors.base, Host="evil.example"),
        browser.get(browser.doors.base, X_Seen="1"),
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 403, 404, 403, 204]
    for answer in answers:
        policy = answer.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; ")
        assert "unsafe" not in policy
        assert "http" not in policy
        assert "frame-ancestors 'none'" in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"
        assert "Access-Control-Allow-Origin" not in answer.headers
