"""A project's resources with resolved values."""

from pathlib import Path

import pytest
from planted import CDK, SAM, copied, side

from harness.expect.project import BUILT_IN
from harness.gate.base import BaseError
from harness.gate.resolved import of_scenarios, of_template
from harness.scenario.load import load
from harness.settings_reading import load_settings

TEMPLATE = """
Parameters: {Name: {Type: String}}
Resources:
  Rows:
    Type: AWS::DynamoDB::Table
    Properties:
      KeySchema: [{AttributeName: id, KeyType: HASH}]
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {Statement: []}
      Description: !Sub "${Name} of ${Rows.Arn} and ${AWS::AccountId}"
"""


def test_functions_are_worked_out_with_stand_ins(tmp_path):
    (tmp_path / "t.yaml").write_text(TEMPLATE)
    found = of_template(tmp_path / "t.yaml", load_settings(tmp_path, {}), "main", "shop")
    role = found.resources["shop", "Role"]
    arn = "arn:aws:dynamodb:us-east-1:123456789012:table/shop-Rows-XXXXXXXXXXXX"
    assert role.properties["Description"] == f"value-of-Name of {arn} and 123456789012"


def test_what_another_stack_of_an_app_exports_is_known(tmp_path):
    project = copied(CDK, tmp_path)
    found = side(project.head, "here")
    policy = found.resources["ShopOrders", "OrdersHandlerServiceRoleDefaultPolicyAB12CD34"]
    (statement,) = policy.properties["PolicyDocument"]["Statement"]
    topic = found.stand_in(("ShopData", "Told11223344"))
    assert statement["Resource"] == topic.arn == topic.ref


def test_the_resources_that_sam_makes_are_there(tmp_path):
    found = side(copied(SAM, tmp_path).head, "here", Stage="prod")
    assert found.resources["stack", "CountRole"].type == "AWS::IAM::Role"
    assert found.stacks["stack"].parameters["Stage"] == "prod"


def test_templates_that_only_scenarios_name_have_a_stack_each(tmp_path):
    for name in ("orders", "bills"):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "template.yaml").write_text(TEMPLATE)
        text = f"title: {name}\nstack: {{template: template.yaml, parameters: {{Name: a}}}}\nrun: {{}}\n"
        text += "expect: {execution: {status: SUCCEEDED}}\n"
        (folder / "one.yaml").write_text(text)
    settings = load_settings(tmp_path, {})
    scenarios = load([tmp_path / name / "one.yaml" for name in ("orders", "bills")], BUILT_IN)
    found = of_scenarios(settings, scenarios, lambda _: settings, "here")
    assert list(found.stacks) == ["orders-template", "bills-template"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Resources: [", r"^main: t.yaml:1:\d+: not YAML"),
        ("States: {}", r"^main: t.yaml: not a CloudFormation template"),
        ("Resources: {A: {Type: AWS::SNS::Topic, Properties: {TopicName: !Ref B}}}", "Unresolved resource"),
    ],
)
def test_a_template_that_cannot_be_used_is_said_with_its_place(tmp_path, text, said):
    (tmp_path / "t.yaml").write_text(text)
    with pytest.raises(BaseError, match=said):
        of_template(tmp_path / "t.yaml", load_settings(tmp_path, {}), "main")


def test_there_may_be_no_template_at_all(tmp_path):
    settings = load_settings(tmp_path, {})
    with pytest.raises(BaseError, match="main: the settings do not specify a template; set"):
        of_scenarios(settings, [], lambda _: settings, "main")
    with pytest.raises(BaseError, match=r"main: .*missing.yaml"):
        of_template(Path(tmp_path / "missing.yaml"), settings, "main")
