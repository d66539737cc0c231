"""The engine `endpoint` over HTTPS, with an emulator that checks signatures like AWS."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from signed_endpoint import Authority, Demands, signed_endpoint

from harness.cli import main
from harness.engine.base import EngineError, Options
from harness.engine.endpoint import EndpointEngine
from harness.engine.keys import AWS, OURS
from harness.engine.moto.engine import MotoEngine
from harness.exit_codes import NO_ENGINE, PASSED
from harness.expect import BUILT_IN
from harness.scenario.load import load
from harness.session import Session
from harness.settings_reading import load_settings

ROOT = Path(__file__).parents[2]
SECRETS = ("the-secret-of-this-run", "AKIDOFTHISRUN0042", "wrong-secret-of-somebody", "AKIDREALKEY9999")

SCENARIO = """
title: A bucket is counted and reported
stack: {{template: {template}}}
seed: {{buckets: {{photos: {{objects: [{{key: cat.jpg, size: 2 MiB}}, {{key: notes.txt, body: hello}}]}}}}}}
expect:
  execution: {{status: SUCCEEDED}}
  messages: [{{subject: {{contains: 1 bucket}}, body: {{contains: [photos, .jpg, .txt]}}}}]
  machines: {{left: []}}
"""


@pytest.fixture(scope="module")
def emulator() -> Iterator[MotoEngine]:
    engine = MotoEngine()
    try:
        engine.start()
        engine.admit(anybody=True, origins=())  # the proxy in front of it requires signatures
        yield engine
    finally:
        engine.stop()


@pytest.fixture
def moto(emulator: MotoEngine) -> str:
    return emulator.reset().url


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("ca"))


@pytest.fixture
def demands() -> Demands:
    return Demands()


@pytest.fixture
def url(moto: str, authority: Authority, demands: Demands) -> Iterator[str]:
    with signed_endpoint(moto, authority.server_context(), demands) as found:
        yield found


@pytest.fixture(autouse=True)
def shell(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A shell without any AWS settings."""
    names = ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY", "SESSION_TOKEN", "REGION", "DEFAULT_REGION", "CA_BUNDLE")
    for name in names:
        for prefix in (AWS, OURS):
            monkeypatch.delenv(prefix + name, raising=False)
    return monkeypatch


def give(shell: pytest.MonkeyPatch, prefix: str, demands: Demands, **changed: str) -> None:
    """Export the keys that the endpoint requires."""
    keys = {
        "ACCESS_KEY_ID": demands.access_key_id,
        "SECRET_ACCESS_KEY": demands.secret_access_key,
        "SESSION_TOKEN": demands.session_token,
        **changed,
    }
    for name, value in keys.items():
        shell.setenv(prefix + name, value)


def refusal(url: str, authority: Authority | None, region: str | None = "eu-central-1") -> str:
    """The reason why the engine does not start."""
    options = Options(url, region, authority.file if authority else None)
    with pytest.raises(EngineError) as raised:
        EndpointEngine.configured(options).start()
    said = str(raised.value)
    assert not any(secret in said for secret in SECRETS)
    assert "\n" not in said
    return said


@pytest.mark.parametrize("prefix", [AWS, OURS])
def test_a_scenario_passes_with_keys_region_and_ca_of_the_environment(
    prefix: str,
    url: str,
    authority: Authority,
    demands: Demands,
    shell: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    demands.session_token = "a-token"
    give(shell, prefix, demands)
    shell.setenv(f"{prefix}REGION", demands.region)
    shell.setenv(f"{prefix}CA_BUNDLE", str(authority.file))
    shell.chdir(ROOT)
    scenario, report = tmp_path / "a.yaml", tmp_path / "report.json"
    scenario.write_text(SCENARIO.format(template=ROOT / "lambdas" / "template.yaml"))
    arguments = ["run", "--endpoint-url", url, str(scenario), "--json", str(report)]
    assert main(arguments) == PASSED, capsys.readouterr()
    said = capsys.readouterr()
    everything = said.out + said.err + report.read_text()
    assert f"{prefix}ACCESS_KEY_ID (…0042)" in said.out
    assert not any(secret in everything for secret in (*SECRETS, "a-token"))
    assert json.loads(report.read_text())["results"][0]["outcome"] == "passed"


def test_options_win_over_the_environment(
    url: str, authority: Authority, demands: Demands, shell: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    give(shell, AWS, demands)
    shell.setenv("AWS_REGION", "ap-south-1")
    shell.setenv("AWS_CA_BUNDLE", str(tmp_path / "nothing.pem"))
    engine = EndpointEngine.configured(Options(url, demands.region, authority.file))
    try:
        endpoint = engine.start()
        assert (endpoint.region, endpoint.ca_bundle) == (demands.region, str(authority.file))
        assert engine.start() is endpoint
        assert engine.reset().url == url
    finally:
        engine.stop()


def test_keys_of_the_harnesss_own_variables_win_and_the_others_are_never_sent(
    url: str, authority: Authority, demands: Demands, shell: pytest.MonkeyPatch
) -> None:
    give(shell, AWS, demands, ACCESS_KEY_ID="AKIDREALKEY9999", SESSION_TOKEN="a-real-token")
    give(shell, OURS, demands)
    engine = EndpointEngine.configured(Options(url, demands.region, authority.file))
    try:
        engine.start()
    finally:
        engine.stop()
    assert demands.ids == {demands.access_key_id}


def test_keys_of_a_developers_shell_are_not_used_where_others_do(
    moto: str, demands: Demands, shell: pytest.MonkeyPatch
) -> None:
    give(shell, AWS, demands)
    engine = EndpointEngine.configured(Options(moto))
    try:
        endpoint = engine.start()
    finally:
        engine.stop()
    assert not endpoint.users_keys
    assert endpoint.access_key_id != demands.access_key_id
    assert demands.access_key_id not in repr(endpoint)


def test_keys_that_the_user_gave_are_not_printed_for_others(
    url: str, authority: Authority, demands: Demands, shell: pytest.MonkeyPatch
) -> None:
    give(shell, OURS, demands)
    engine = EndpointEngine.configured(Options(url, demands.region, authority.file))
    try:
        endpoint = engine.start()
    finally:
        engine.stop()
    assert endpoint.env == {
        "AWS_ENDPOINT_URL": url,
        "AWS_DEFAULT_REGION": demands.region,
        "AWS_REGION": demands.region,
        "AWS_DISABLE_HOST_PREFIX_INJECTION": "true",
        "AWS_CA_BUNDLE": str(authority.file),
    }
    assert not any(secret in repr(endpoint) for secret in SECRETS)


def test_made_up_keys_that_are_refused_are_said_with_the_remedy(url: str, authority: Authority) -> None:
    assert refusal(url, authority) == (
        f"endpoint: {url} rejects the harness's fake keys (InvalidClientTokenId: "
        "The security token included in the request is invalid.); "
        "set HARNESS_ENDPOINT_ACCESS_KEY_ID and HARNESS_ENDPOINT_SECRET_ACCESS_KEY "
        "(and HARNESS_ENDPOINT_SESSION_TOKEN) to the keys that it was started with"
    )


@pytest.mark.parametrize("prefix", [AWS, OURS])
def test_a_wrong_secret_is_said_without_what_was_signed(
    prefix: str, url: str, authority: Authority, demands: Demands, shell: pytest.MonkeyPatch
) -> None:
    give(shell, prefix, demands, SECRET_ACCESS_KEY="wrong-secret-of-somebody")
    said = refusal(url, authority)
    assert f"rejects the keys from {prefix}ACCESS_KEY_ID (…0042) (SignatureDoesNotMatch: " in said
    assert said.endswith("to the keys that it was started with")


def test_keys_that_expire_in_the_middle_are_said(
    url: str, authority: Authority, demands: Demands, shell: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    give(shell, OURS, demands)
    (tmp_path / "a.yaml").write_text(SCENARIO.format(template=ROOT / "lambdas" / "template.yaml"))
    settings = load_settings(ROOT, {})
    (scenario,) = load([tmp_path / "a.yaml"], BUILT_IN)
    engine = EndpointEngine.configured(Options(url, demands.region, authority.file))
    with Session(engine) as session:
        assert session.start().users_keys
        demands.session_token = "another"
        result = session.run(scenario, settings)
        assert (result.outcome, result.broke) == ("error", "engine")
        assert "rejects the keys from HARNESS_ENDPOINT_ACCESS_KEY_ID" in result.reason
        assert not any(secret in result.reason for secret in SECRETS)
        demands.session_token = ""


def test_a_wrong_region_is_said(
    url: str, authority: Authority, demands: Demands, shell: pytest.MonkeyPatch
) -> None:
    give(shell, OURS, demands)
    said = refusal(url, authority, None)
    assert f"{url} rejects the region us-east-1 (" in said
    assert said.endswith("set its own region: --endpoint-region, HARNESS_ENDPOINT_REGION or AWS_REGION")


def test_an_unknown_ca_is_said(url: str, demands: Demands, shell: pytest.MonkeyPatch, tmp_path: Path) -> None:
    give(shell, OURS, demands)
    remedy = "set the file of its CA: --endpoint-ca-bundle, HARNESS_ENDPOINT_CA_BUNDLE or AWS_CA_BUNDLE"
    unknown = refusal(url, None)
    assert f"{url}: any known CA does not verify its certificate (" in unknown
    assert unknown.endswith(remedy)
    other = Authority(tmp_path)
    assert f"{url}: {other.file} does not verify its certificate (" in refusal(url, other)
    assert demands.ids == set()


def test_the_wrong_scheme_is_said(url: str, moto: str, authority: Authority) -> None:
    assert "use http:// if it has no certificate" in refusal(moto.replace("http:", "https:"), authority)
    assert "use https:// if it has a certificate" in refusal(url.replace("https:", "http:"), None)


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"HARNESS_ENDPOINT_REGION": "Frankfurt am Main"}, "invalid region 'Frankfurt am Main'"),
        ({"HARNESS_ENDPOINT_CA_BUNDLE": "/nowhere/ca.pem"}, "/nowhere/ca.pem: No such file or directory"),
        ({"HARNESS_ENDPOINT_CA_BUNDLE": __file__}, "not a certificate in PEM format"),
        ({"HARNESS_ENDPOINT_ACCESS_KEY_ID": "AKIDX"}, "HARNESS_ENDPOINT_SECRET_ACCESS_KEY is not set"),
        ({"HARNESS_ENDPOINT_SESSION_TOKEN": "x"}, "HARNESS_ENDPOINT_ACCESS_KEY_ID is not set"),
        ({}, "any known CA does not verify its certificate"),
    ],
)
@pytest.mark.parametrize("command", ["run", "engines"])
def test_what_is_wrong_is_3_and_shown_among_the_engines(
    command: str,
    variables: dict[str, str],
    said: str,
    url: str,
    shell: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, value in variables.items():
        shell.setenv(name, value)
    shell.chdir(ROOT)
    if command == "run":
        assert main(["run", "--endpoint-url", url, "scenarios/empty-bucket.yaml"]) == NO_ENGINE
        err = capsys.readouterr().err
        assert said in err
        assert "Traceback" not in err
    elif variables:  # no request reaches the emulator itself
        assert main(["engines", "--endpoint-url", url]) == PASSED
        (line,) = (line for line in capsys.readouterr().out.splitlines() if line.startswith("endpoint "))
        assert "not usable" in line
        assert said in line


def test_engines_tells_which_keys_are_used(
    shell: pytest.MonkeyPatch, demands: Demands, capsys: pytest.CaptureFixture[str]
) -> None:
    def shown() -> str:
        assert main(["engines", "--endpoint-url", "http://box:1", "--endpoint-region", "eu-west-1"]) == PASSED
        out = capsys.readouterr().out
        assert not any(secret in out for secret in SECRETS)
        (line,) = (line for line in out.splitlines() if line.startswith("endpoint "))
        return line.partition("  (any")[0].split(None, 2)[2]

    made_up = "http://box:1, region eu-west-1, fake keys from the harness"
    assert shown() == made_up
    give(shell, AWS, demands)
    assert shown() == f"{made_up}, or keys from AWS_ACCESS_KEY_ID (…0042) if those are rejected"
    give(shell, OURS, demands)
    assert shown() == "http://box:1, region eu-west-1, keys from HARNESS_ENDPOINT_ACCESS_KEY_ID (…0042)"
