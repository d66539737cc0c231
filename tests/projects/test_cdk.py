"""A CDK app with two stacks, as written by `cdk synth`; neither CDK nor Node.js is installed."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.expect import BUILT_IN
from harness.lint.scenarios import check_first
from harness.pytest_plugin import harness_session, stack_fixture
from harness.pytest_plugin.running import Runner
from harness.report.model import Result
from harness.scenario.load import parse
from harness.scenario.position import ScenarioError
from harness.settings import SettingsError
from harness.settings_reading import load_settings
from harness.stack.model import DeployError, Stack
from harness.stack.stack_choice import stacks_for

PROJECT = Path(__file__).parent / "cdk"
TOLD = (PROJECT / "scenarios" / "told.yaml").read_text()
Play = Callable[..., Result]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "shop"
    shutil.copytree(PROJECT, folder)
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def play(project: Path, request: pytest.FixtureRequest) -> Play:
    """A function that runs a scenario in the project."""
    session = harness_session(request.config)

    def played(text: str = TOLD) -> Result:
        scenario = parse(text, BUILT_IN, Path("scenarios/x.yaml"))
        settings = load_settings(project, {})
        check_first([scenario], lambda _: settings, start=False)
        return session.run(scenario, settings)

    return played


def change(name: str, before: str, after: str) -> None:
    path = Path("cdk.out", name)
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after))


def without(resource: str) -> None:
    """Remove a resource from the template with the orders, as if it had never been declared."""
    path = Path("cdk.out/ShopOrders.template.json")
    template = json.loads(path.read_text())
    del template["Resources"][resource]
    path.write_text(json.dumps(template, indent=1))


def problems(play: Play, text: str = TOLD) -> list[str]:
    with pytest.raises((ScenarioError, SettingsError)) as refused:
        play(text)
    return str(refused.value).splitlines()


def test_the_stacks_are_made_in_their_order_under_their_own_names(play: Play) -> None:
    result = play()
    assert (result.outcome, result.mismatches) == ("passed", ()), result.reason
    seen = result.observation
    assert seen is not None
    assert list(seen.access.stacks) == ["ShopData", "ShopOrders"]
    # A resource is named as in the scenario, and everything else by its logical ID.
    assert (list(seen.tables), list(seen.functions.values())) == (["ShopData/Orders"], ["Orders/Handler"])
    assert {role.logical_id for role in seen.access.roles.values()} == {
        "OrdersFlowRole99EEFF00",
        "OrdersHandlerServiceRole5566AABB",
    }


@pytest.mark.parametrize(
    "table", ["ShopData/Orders", "ShopData/Orders/Resource", "OrdersA1B2C3D4", "ShopData.OrdersA1B2C3D4"]
)
def test_a_resource_has_many_names(play: Play, table: str) -> None:
    assert play(TOLD.replace("ShopData/Orders", table)).outcome == "passed"


def test_a_grant_that_was_forgotten_is_told_by_the_paths_of_constructs(play: Play) -> None:
    without("OrdersHandlerServiceRoleDefaultPolicyAB12CD34")
    (mismatch,) = play().mismatches
    assert mismatch.summary.startswith(
        "AWS would refuse this: role ShopOrders/Orders/Handler/ServiceRole "
        "(OrdersHandlerServiceRole5566AABB, AWS::IAM::Role) is not authorized to perform: "
        "sns:Publish on resource: arn:aws:sns:"
    )
    caller = "function ShopOrders/Orders/Handler in state Tell"
    assert f" (ShopData/Told) (called by {caller}) because " in mismatch.summary
    assert mismatch.where.path.name == "ShopOrders.template.json"
    # The topic belongs to a different stack: no reference leads to it, and its name suffix always differs.
    assert mismatch.remedy.endswith(':ShopData-Told11223344-*"')


def test_where_there_is_no_synthesis_it_is_said_what_to_run(play: Play, project: Path) -> None:
    Path("cdk.out/manifest.json").unlink()
    (told,) = problems(play)
    assert told.endswith(f"{project}/cdk.out is not a CDK app: it has no manifest.json; run `cdk synth`")
    shutil.rmtree("cdk.out")
    (told,) = problems(play)
    assert told.endswith(f"{project}/cdk.out not found; run `cdk synth`")
    Path("pyproject.toml").write_text("[tool.harness]\n")
    (told,) = problems(play)
    assert told.endswith('no template; this is a CDK app: run `cdk synth`, and write template = "cdk.out"')


def test_an_asset_that_is_gone_is_told_by_its_construct(play: Play) -> None:
    (asset,) = Path("cdk.out").glob("asset.*")
    shutil.rmtree(asset)
    (told,) = problems(play)
    assert "resource ShopOrders/Orders/Handler (OrdersHandler7788CCDD, AWS::Lambda::Function): " in told
    assert told.endswith(" not found; run `cdk synth`")


def test_a_function_of_another_language_is_told_by_its_construct(play: Play) -> None:
    change("ShopOrders.template.json", "python3.12", "nodejs22.x")
    (told,) = problems(play)
    assert "json:86:5: ShopOrders/Orders/Handler (OrdersHandler7788CCDD, AWS::Lambda::Function): " in told
    assert "Runtime nodejs22.x is not supported" in told


def of_template(result: Result) -> list[tuple[str, str]]:
    return [(each.place, each.subject) for each in result.notes if each.heading == "template"]


@pytest.mark.parametrize(
    ("environment", "account", "region"),
    [
        ("aws://222233334444/eu-west-1", "222233334444", "eu-west-1"),
        ("aws://unknown-account/eu-central-1", "123456789012", "eu-central-1"),
        ("aws://222233334444/unknown-region", "222233334444", "us-east-1"),
    ],
)
def test_an_app_is_played_where_it_is_made_for(
    play: Play, environment: str, account: str, region: str
) -> None:
    change("manifest.json", "aws://unknown-account/unknown-region", environment)
    result = play()
    assert (result.outcome, of_template(result)) == ("passed", [])
    seen = result.observation
    assert seen is not None
    assert (seen.account_id, seen.region) == (account, region)


def test_the_settings_come_before_the_app_which_is_told(play: Play, project: Path) -> None:
    change("manifest.json", "aws://unknown-account/unknown-region", "aws://123456789012/eu-west-1")
    settings = project / "pyproject.toml"
    settings.write_text(settings.read_text() + '\nregion = "us-west-2"\n')
    result = play()
    assert result.outcome == "passed"
    assert of_template(result) == [
        ("cdk.out/ShopData.template.json:1", "ShopData"),
        ("cdk.out/ShopOrders.template.json:1", "ShopOrders"),
    ]
    told = "it is built for aws://123456789012/eu-west-1, but deployed to aws://123456789012/us-west-2"
    assert any(told in each.text for each in result.notes)


def test_stacks_for_two_regions_are_played_in_one_and_told(play: Play) -> None:
    manifest = Path("cdk.out/manifest.json")
    text = manifest.read_text().replace("unknown-account/unknown-region", "unknown-account/eu-west-1", 1)
    manifest.write_text(text.replace("unknown-account/unknown-region", "unknown-account/us-west-1", 1))
    result = play()
    assert result.outcome == "passed"
    assert [subject for _, subject in of_template(result)] == ["ShopData", "ShopOrders"]


def test_a_test_in_python_finds_resources_by_their_constructs(
    project: Path, request: pytest.FixtureRequest
) -> None:
    session = harness_session(request.config)
    session.fresh()
    settings = load_settings(project, {})
    stack = session.deploy(stacks_for(settings), settings)
    assert stack.resource("Orders/Handler") == stack.resources["OrdersHandler7788CCDD"]
    assert stack.resource("Told11223344") == stack.resource("ShopData/Told")
    assert stack.state_machine("Orders/Flow") == stack.state_machine()
    with pytest.raises(DeployError, match="2 resources are called 'DefaultPolicy'; choose one: ShopOrders/"):
        stack.resource("DefaultPolicy")
    with pytest.raises(DeployError, match="resource 'Ordrs' not found; known: OrdersA1B2C3D4, "):
        stack.resource("Ordrs")
    with pytest.raises(DeployError, match="declares no state machine Flw; "):
        stack.state_machine("Flw")


def test_a_run_may_start_a_machine_by_its_construct(play: Play) -> None:
    started = "run: {state_machine: Orders/%s, input"
    assert play(TOLD.replace("run: {input", started % "Flow")).outcome == "passed"
    (told,) = problems(play, TOLD.replace("run: {input", started % "Flaw"))
    assert told.endswith(
        "the template declares no state machine 'Orders/Flaw'; declared: ShopOrders/Orders/Flow"
    )


def test_a_failed_deployment_names_the_construct(play: Play) -> None:
    change("ShopOrders.template.json", '\\"StartAt\\":\\"Tell\\"', '\\"StartAt\\":\\"Tll\\"')
    result = play()
    assert result.outcome == "error"
    flow = "ShopOrders/Orders/Flow (OrdersFlow4E5F6A7B, AWS::StepFunctions::StateMachine): "
    assert flow in result.reason


def test_assets_that_a_template_names_elsewhere_are_in_the_bucket_of_the_bootstrap(
    play: Play, request: pytest.FixtureRequest
) -> None:
    (asset,) = Path("cdk.out").glob("asset.*")
    key = f"{asset.name.removeprefix('asset.')}.zip"
    change("ShopOrders.template.json", '"Variables": {', f'"Variables": {{"SOURCE": "{key}",')
    assert play().outcome == "passed"
    s3 = harness_session(request.config).clients.s3
    (bucket,) = (each["Name"] for each in s3.list_buckets()["Buckets"])
    assert bucket == "cdk-hnb659fds-assets-123456789012-us-east-1"
    assert [each["Key"] for each in s3.list_objects_v2(Bucket=bucket)["Contents"]] == [key]


def test_a_finding_is_accepted_by_the_path_of_a_construct(play: Play) -> None:
    without("OrdersHandlerServiceRoleDefaultPolicyAB12CD34")
    entry = 'role = "ShopOrders/Orders/Handler/*"\naction = "sns:Publish"\nresource = "ShopData/Told"'
    with Path("pyproject.toml").open("a") as file:
        file.write(f'[[tool.harness.accept]]\n{entry}\nreason = "another team grants it"\n')
    result = play()
    assert (result.outcome, result.mismatches) == ("passed", ())
    assert "another team grants it" in [note.text for note in result.notes]


def test_a_function_of_an_image_is_told_by_its_construct(play: Play) -> None:
    path = Path("cdk.out/ShopOrders.template.json")
    template = json.loads(path.read_text())
    properties = template["Resources"]["OrdersHandler7788CCDD"]["Properties"]
    for key in ("Handler", "Runtime"):
        del properties[key]
    image = "123456789012.dkr.ecr.us-east-1.${AWS::URLSuffix}/cdk-hnb659fds-container-assets:0f1e"
    properties |= {"PackageType": "Image", "Code": {"ImageUri": {"Fn::Sub": image}}}
    path.write_text(json.dumps(template, indent=1))
    (told,) = problems(play)
    assert (
        ": ShopOrders/Orders/Handler (OrdersHandler7788CCDD, AWS::Lambda::Function): PackageType Im" in told
    )


shop = stack_fixture(template="tests/projects/cdk/cdk.out", name="ShopOrders")


def test_a_test_in_python_deploys_an_app(shop: Stack, harness_run: Runner) -> None:
    assert harness_run({"order": "A1"}, stack=shop).execution.status == "SUCCEEDED"
    assert list(shop.ids) == ["ShopData", "ShopOrders"]


def test_a_name_that_nothing_has_is_refused_with_the_paths_that_there_are(play: Play) -> None:
    (told,) = problems(play, TOLD.replace("Orders/Handler:", "Orders/Handlr:"))
    assert told == (
        "scenarios/x.yaml:8:17: the template has no function 'Orders/Handlr'; "
        "its functions: ShopOrders/Orders/Handler"
    )


def test_a_stack_can_be_meant_with_what_it_needs(play: Play) -> None:
    named = TOLD.replace("run:", "stack: {name: ShopOrders}\nrun:")
    assert play(named).outcome == "passed"
    alone = "title: t\nstack: {name: ShopData}\nexpect: {messages: []}\n"
    (told,) = problems(play, alone)
    assert "the template declares 0 state machines" in told
    (told,) = problems(play, named.replace("name: ShopOrders", "name: ShopOrder"))
    assert told.endswith(
        "cdk.out has no stack 'ShopOrder'; did you mean 'ShopOrders'? its stacks: ShopData, ShopOrders"
    )
