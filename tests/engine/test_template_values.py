"""Values reach functions as CloudFormation would pass them."""

from __future__ import annotations

import json
import textwrap
from typing import Any

import pytest
from contract import Lab, output_of
from template_frame import MACHINE, ROLE, answered, asking, deployed, function, variables, write

from harness.stack.archive import zipped
from harness.stack.deploy import deploy
from harness.stack.model import DeployError
from harness.stack.template import TemplateError


def framed(text: str, *, head: str = "", more: str = "") -> str:
    """A template whose function has the specified environment."""
    return f"{head}Resources:\n{ROLE}{function(more=variables(text))}{MACHINE}{more}"


def machine(properties: str) -> str:
    """A template with a machine that has the specified properties."""
    head = "\n".join(MACHINE.splitlines()[:4])
    return f"Resources:\n{ROLE}{head}\n{textwrap.indent(properties, ' ' * 6)}"


def test_a_boolean_is_true_or_false_wherever_a_text_is_wanted(lab: Lab) -> None:
    head = "Parameters: {Dry: {Type: String, Default: true}}\n"
    text = (
        '{AA: true, BB: !Sub "${Dry}", CC: !Join ["", [!Ref Dry, "-x"]], DD: !Join [",", [false, 1, 1.50]]}'
    )
    seen = answered(lab, framed(text, head=head), asking("AA", "BB", "CC", "DD"))
    assert seen == {"AA": "true", "BB": "true", "CC": "true-x", "DD": "false,1,1.5"}


def test_yaml_1_1_scalars(lab: Lab) -> None:
    wanted = {
        "NIGHTLY": ("yes", "true"),
        "OFF_": ("off", "false"),
        "MODE": ("0755", "493"),
        "ACCOUNT": ("012345670123", "1402433619"),
        "OTHER": ("012345678901", "012345678901"),
        "TIME": ("12:30", "750"),
        "MANY": ("1_000", "1000"),
        "HEX": ("0x1F", "31"),
        "DAY": ("2012-10-17", "2012-10-17"),
        "VERSION": ("3.10", "3.1"),
        "ID": ("12e3", "12000.0"),
        "QUOTED": ("'yes'", "yes"),
    }
    text = "{" + ", ".join(f"{name}: {written}" for name, (written, _) in wanted.items()) + "}"
    seen = answered(lab, framed(text), asking(*wanted))
    assert seen == {name: value for name, (_, value) in wanted.items()}


def test_defaults_of_lists_are_split_and_trimmed(lab: Lab) -> None:
    head = (
        "Parameters:\n  Names: {Type: CommaDelimitedList, Default: 'red, green'}\n"
        "  Numbers: {Type: List<Number>, Default: '1, 2.5'}\n"
    )
    text = '{BB: !Select [1, !Ref Names], JJ: !Join ["+", !Ref Names], NN: !Join ["|", !Ref Numbers]}'
    template = framed(text, head=head)
    assert answered(lab, template, asking("BB", "JJ", "NN")) == {
        "BB": "green",
        "JJ": "red+green",
        "NN": "1|2.5",
    }
    seen = answered(lab, template, asking("BB", "JJ", "NN"), Names=" x ,y", Numbers="7")
    assert seen == {"BB": "y", "JJ": "x+y", "NN": "7"}


@pytest.mark.parametrize(
    ("given", "wanted"), [({}, "on"), ({"Dry": "false"}, "off"), ({"Dry": "True"}, "off")]
)
def test_conditions_compare_texts(lab: Lab, given: dict[str, str], wanted: str) -> None:
    head = "Parameters: {Dry: {Type: String, Default: true}}\nConditions: {IsDry: !Equals [!Ref Dry, true]}\n"
    text = "{AA: !If [IsDry, 'on', 'off'], BB: !If [IsDry, x, !Ref AWS::NoValue]}"
    template = framed(text, head=head)
    files = {"fn/app.py": "import os\ndef handler(e, c): return [os.environ['AA'], os.environ.get('BB')]\n"}
    assert answered(lab, template, files, **given) == [wanted, "x" if wanted == "on" else None]


def test_functions_of_texts_and_lists(lab: Lab) -> None:
    head = "Mappings: {Regions: {us-east-1: {Name: 012, Zones: [a, b]}}}\n"
    text = """
    AA: !Base64 hi
    BB: !Select [0, !Split ["/", "x/y"]]
    CC: !FindInMap [Regions, !Ref AWS::Region, Name]
    DD: !Join [",", !FindInMap [Regions, !Ref "AWS::Region", Zones]]
    EE: !Join [",", !Cidr ["10.0.0.0/16", 2, 8]]
    FF: !Select [1, !GetAZs ""]
    GG: !Sub ["${One}-${!Two}-${AWS::Region}-${Topic.TopicName}", {One: !Select [1, [a, 2]]}]
    HH: !GetAtt Topic.TopicArn"""
    seen = answered(
        lab,
        framed(text, head=head, more="  Topic: {Type: AWS::SNS::Topic}\n"),
        asking("AA", "BB", "CC", "DD", "EE", "FF", "GG", "HH"),
    )
    topic = seen["HH"].rpartition(":")[2]
    assert seen["HH"].startswith("arn:aws:sns:us-east-1:")
    assert {name: value for name, value in seen.items() if name != "HH"} == {
        "AA": "aGk=",
        "BB": "x",
        "CC": "10",
        "DD": "a,b",
        "EE": "10.0.0.0/24,10.0.1.0/24",
        "FF": "us-east-1b",
        "GG": f"2-${{Two}}-us-east-1-{topic}",
    }


def test_substitutions_of_a_definition_keep_their_json_types(lab: Lab) -> None:
    properties = """DefinitionSubstitutions: {Flag: false, Count: 3, Ratio: 0.5}
DefinitionString: >-
  {"StartAt":"P","States":{"P":{"Type":"Pass","Result":[${Flag},${Count},${Ratio}],"End":true}}}
"""
    assert answered(lab, machine(properties)) == [False, 3, 0.5]


def test_an_object_definition_keeps_its_json_types(lab: Lab) -> None:
    properties = "Definition: {StartAt: P, States: {P: {Type: Pass, Result: [true, 3, 0.5, x], End: true}}}"
    assert answered(lab, machine(properties)) == [True, 3, 0.5, "x"]


def test_a_definition_in_a_yaml_file(lab: Lab) -> None:
    template = machine("DefinitionSubstitutions: {Number: 7}\nDefinitionS3Location: ./flow.asl.yaml\n")
    text = "StartAt: A\nStates:\n  A: {Type: Pass, Result: {n: ${Number}, none: null}, End: true}\n"
    assert answered(lab, template, {"flow.asl.yaml": text}) == {"n": 7, "none": None}
    with pytest.raises(
        DeployError,
        match=r"Machine \(AWS::StepFunctions::StateMachine\).*flow.asl.yaml:3:1: not YAML: expected",
    ):
        deployed(lab, template, {"flow.asl.yaml": "a: 1\nb: [\n"})


NULLS = "Definition: {StartAt: A, States: {A: {Type: Pass, Result: {x: 1}, ResultPath: null, End: true}}}"


def test_null_is_refused_and_named(lab: Lab) -> None:
    template = machine(NULLS)
    with pytest.raises(TemplateError) as refused:
        deployed(lab, template)
    line = template.splitlines().index(f"      {NULLS}") + 1
    column = NULLS.index("ResultPath") + 7
    path = "/Resources/Machine/Properties/Definition/States/A/ResultPath"
    assert f"template.yaml:{line}:{column}: [{path}] 'null' values are not allowed in templates" in str(
        refused.value
    )


def test_dynamic_references_to_the_parameter_store_and_to_secrets(lab: Lab) -> None:
    more = "  P: {Type: AWS::SSM::Parameter, Properties: {Name: /t/x, Type: String, Value: v1}}\n"
    lab.clients.session.client("secretsmanager", **_where(lab)).create_secret(
        Name="db", SecretString=json.dumps({"user": "me", "port": 5432})
    )
    text = (
        '{XX: "{{resolve:ssm:/t/x}}", YY: "a-{{resolve:ssm:/t/x:1}}-b", '
        'UU: "{{resolve:secretsmanager:db:SecretString:user}}", NN: '
        '"{{resolve:secretsmanager:db:SecretString:port}}"}'
    )
    template = framed(text, more=more).replace("  Fn:\n", "  Fn:\n    DependsOn: P\n")
    assert answered(lab, template, asking("XX", "YY", "UU", "NN")) == {
        "XX": "v1",
        "YY": "a-v1-b",
        "UU": "me",
        "NN": "5432",
    }


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        ("ssm:/none", r"Parameters: \[ssm:/none\] cannot be found"),
        ("secretsmanager:none", "can't find the specified secret"),
        ("ssm-secure:/t/y", "SSM Secure reference is not supported in: .*Environment/Variables/XX"),
        ("vault:x", "unknown service 'vault'"),
    ],
)
def test_a_dynamic_reference_that_leads_nowhere_fails_the_stack(
    lab: Lab, reference: str, message: str
) -> None:
    with pytest.raises(DeployError, match=rf"Fn \(AWS::Lambda::Function\): .*{message}"):
        deployed(lab, framed(f'{{XX: "{{{{resolve:{reference}}}}}"}}'), asking("XX"))


def test_language_extensions(lab: Lab) -> None:
    head = """Transform: AWS::LanguageExtensions
Parameters: {Names: {Type: CommaDelimitedList, Default: "In,Out"}}
Mappings: {M: {a: {b: found}}}
"""
    more = """  Fn::ForEach::Queues:
    - Name
    - !Ref Names
    - ${Name}Queue: {Type: AWS::SQS::Queue, Properties: {QueueName: !Sub "${AWS::StackName}-${Name}"}}
Outputs:
  Fn::ForEach::Names:
    - Name
    - [In, Out]
    - ${Name}Name: {Value: !GetAtt [!Sub "${Name}Queue", QueueName]}
"""
    more = more.replace('!GetAtt [!Sub "${Name}Queue", QueueName]', "!GetAtt '${Name}Queue.QueueName'")
    text = (
        "{LL: !Length [1, 2, 3], JJ: !ToJsonString {a: [1, true, !Ref AWS::Region]}, "
        "FF: !FindInMap [M, x, y, {DefaultValue: none}], GG: !FindInMap [M, a, b, {DefaultValue: none}]}"
    )
    stack = deployed(lab, framed(text, head=head, more=more), asking("LL", "JJ", "FF", "GG"))
    assert set(stack.of_type("AWS::SQS::Queue")) == {"InQueue", "OutQueue"}
    assert stack.outputs == {"InName": f"{stack.name}-In", "OutName": f"{stack.name}-Out"}
    assert output_of(lab.execute(stack.state_machine())) == {
        "LL": "3",
        "JJ": '{"a":[1,true,"us-east-1"]}',
        "FF": "none",
        "GG": "found",
    }


CDK = """Parameters:
  BootstrapVersion:
    Type: "AWS::SSM::Parameter::Value<String>"
    Default: /cdk-bootstrap/hnb659fds/version
Rules:
  Check:
    Assertions:
      - Assert: {"Fn::Not": [{"Fn::Contains": [["1", "2"], {Ref: BootstrapVersion}]}]}
        AssertDescription: old
"""


def test_a_template_of_cdk_with_an_asset(lab: Lab) -> None:
    digest = "a" * 64
    code = (
        '{S3Bucket: !Sub "cdk-hnb659fds-assets-${AWS::AccountId}-${AWS::Region}", S3Key: ' + digest + ".zip}"
    )
    meta = "  Meta: {Type: AWS::CDK::Metadata, Properties: {Analytics: x}}\n"
    template = f"{CDK}Resources:\n{ROLE}{function(code)}{MACHINE}{meta}"
    files = {f"asset.{digest}/app.py": "def handler(e, c): return 'asset'\n"}
    assert answered(lab, template, files) == "asset"
    with pytest.raises(TemplateError, match=r"resource Fn: .*asset\.a+ not found"):
        deployed(lab, template)


def test_a_rule_that_does_not_hold_refuses_the_stack(lab: Lab) -> None:
    rules = CDK.replace('"1", "2"', '"30"')
    template = f"{rules}Resources:\n{ROLE}"
    with pytest.raises(DeployError, match="Rule Check: old"):
        deployed(lab, template)


def test_a_nested_stack(lab: Lab) -> None:
    child = (
        "Parameters: {Name: {Type: String}, Flag: {Type: String}}\nResources:\n"
        "  Topic: {Type: AWS::SNS::Topic, Properties: {TopicName: !Ref Name}}\n"
        "Outputs: {T: {Value: !Ref Topic}, F: {Value: !Ref Flag}}\n"
    )
    more = """  Child:
    Type: AWS::CloudFormation::Stack
    Properties: {TemplateURL: ./child/child.yaml, Parameters: {Name: !Sub "${AWS::StackName}-t", Flag: true}}
"""
    text = '{TT: !Sub "${Child.Outputs.T}", FF: !GetAtt Child.Outputs.F, RR: !Ref Child}'
    seen = answered(lab, framed(text, more=more), {**asking("TT", "FF", "RR"), "child/child.yaml": child})
    assert seen["TT"].startswith("arn:aws:sns:")
    assert seen["FF"] == "true"
    assert seen["RR"].startswith("arn:aws:cloudformation:")
    with pytest.raises(DeployError, match=r"Fn .*does not support attribute type Outputs\.Nope"):
        deployed(
            lab,
            framed("{TT: !GetAtt Child.Outputs.Nope}", more=more),
            {**asking("TT"), "child/child.yaml": child},
        )


def test_a_template_that_is_too_long_for_a_call_is_read_from_a_bucket(lab: Lab) -> None:
    more = "".join(f"  T{n}: {{Type: AWS::SNS::Topic, Metadata: {{Pad: {'x' * 500}}}}}\n" for n in range(110))
    assert answered(lab, framed("{PP: 1}", more=more), asking("PP")) == {"PP": "1"}


def test_parameters_of_the_parameter_store(lab: Lab) -> None:
    lab.clients.session.client("ssm", **_where(lab)).put_parameter(
        Name="/a/b", Value="x, y", Type="StringList"
    )
    head = (
        "Parameters:\n  P: {Type: 'AWS::SSM::Parameter::Value<String>', Default: /a/b}\n"
        "  L: {Type: 'AWS::SSM::Parameter::Value<List<String>>', Default: /a/b}\n"
    )
    template = framed("{PP: !Ref P, LL: !Select [1, !Ref L]}", head=head)
    assert answered(lab, template, asking("PP", "LL")) == {"PP": "x, y", "LL": "y"}
    with pytest.raises(DeployError, match=r"Unable to fetch parameters \[/none\] from parameter store"):
        deployed(lab, template, asking("PP", "LL"), P="/none")


def _where(lab: Lab) -> dict[str, Any]:
    endpoint = lab.clients.endpoint
    return {
        "endpoint_url": endpoint.url,
        "region_name": endpoint.region,
        "aws_access_key_id": "test",
        "aws_secret_access_key": "test",
        "aws_session_token": endpoint.session_token or None,
    }


def test_a_ready_zip_runs_and_a_tool_in_a_package_is_executable(lab: Lab) -> None:
    code = (
        "import os, subprocess\n"
        "def handler(event, context):\n"
        "    tool = os.path.join(os.path.dirname(__file__), 'bin/tool.sh')\n"
        "    return subprocess.check_output([tool]).decode()\n"
    )
    template = f"Resources:\n{ROLE}{function('./fn.zip')}{MACHINE}"
    folder = lab.folder / "zip"
    path = write(
        folder, {"template.yaml": template, "fn/app.py": code, "fn/bin/tool.sh": "#!/bin/sh\necho hi\n"}
    )
    (folder / "fn/bin/tool.sh").chmod(0o755)
    for name in ("./fn.zip", "./fn"):
        (folder / "fn.zip").write_bytes(zipped(folder / "fn"))
        path.write_text(template.replace("./fn.zip", name))
        stack = deploy(lab.clients, path, f"zip-{next(lab.numbers)}", {})
        assert output_of(lab.execute(stack.state_machine())) == "hi\n"
