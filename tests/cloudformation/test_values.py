from __future__ import annotations

from typing import Any

import pytest

from harness.cloudformation.dynamic import DynamicReferences
from harness.cloudformation.evaluate import Open
from harness.cloudformation.faults import TemplateRefused
from harness.cloudformation.order import dependencies, in_order
from harness.cloudformation.prepare import Prepared, prepare
from harness.cloudformation.reading import read
from harness.cloudformation.static_names import Surroundings
from harness.cloudformation.types import attributes_of, identifier_of, typed

PSEUDO: dict[str, Any] = {"AWS::Region": "eu-west-1", "AWS::AccountId": "111122223333"}
SURROUNDINGS = Surroundings(PSEUDO, {"/n": "a,b"}.get, lambda region: [f"{region}a"])


def prepared(text: str, **given: str) -> Prepared:
    return prepare(read(text), given, SURROUNDINGS)


def properties(text: str, head: str = "", **given: str) -> Any:
    """The prepared properties of a resource R next to a topic T."""
    template = (
        f"{head}\nResources:\n  T: {{Type: AWS::SNS::Topic}}\n  R: {{Type: X::Y::Z, Properties: {text}}}\n"
    )
    resources: Any = prepared(template, **given).template["Resources"]
    return resources["R"]["Properties"]


def test_what_depends_on_a_resource_stays_and_the_rest_is_evaluated() -> None:
    head = "Parameters: {P: {Type: Number, Default: 7}}\nMappings: {M: {eu-west-1: {a: [x, y]}}}"
    text = """{
      A: !Sub "${P}-${T}-${!P}-${T.TopicName}-${AWS::Region}",
      B: !Join ["-", [!Ref P, !Ref T]],
      C: !FindInMap [M, !Ref "AWS::Region", a],
      D: !Select [1, !Split [",", !Ref T]],
      E: [!Ref "AWS::NoValue", {F: !Ref "AWS::NoValue", G: 1}],
      H: {Ref: P},
      I: {Condition: x}}"""
    assert properties(text, head) == {
        "A": {
            "Fn::Join": [
                "",
                [
                    "7",
                    "-",
                    {"Ref": "T"},
                    "-",
                    "${P}",
                    "-",
                    {"Fn::GetAtt": ["T", "TopicName"]},
                    "-",
                    "eu-west-1",
                ],
            ]
        },
        "B": {"Fn::Join": ["-", ["7", {"Ref": "T"}]]},
        "C": ["x", "y"],
        "D": {"Fn::Select": [1, {"Fn::Split": [",", {"Ref": "T"}]}]},
        "E": [{"G": 1}],
        "H": "7",
        "I": {"Condition": "x"},
    }


def test_a_value_with_a_variable_in_it_is_not_replaced_again() -> None:
    head = "Parameters: {P: {Type: String, Default: '${AWS::Region}'}}"
    assert properties('{A: !Sub "${P}"}', head) == {"A": "${AWS::Region}"}


@pytest.mark.parametrize(
    ("expression", "wanted"),
    [
        ('!Equals [!Ref P, "true"]', True),
        ("!Equals [true, !Ref P]", True),
        ("!Equals [1, '1']", True),
        ("!Equals [!Ref 'AWS::NoValue', x]", False),
        ("!Equals [1.0, '1']", False),
        ("!Not [!Equals [a, b]]", True),
        ("!And [!Equals [a, a], !Condition Other]", False),
        ("!Or [!Equals [a, b], !Condition Other, !Equals [a, a]]", True),
    ],
)
def test_conditions(expression: str, wanted: bool) -> None:
    head = (
        "Parameters: {P: {Type: String, Default: true}}\n"
        f"Conditions: {{C: {expression}, Other: !Equals [x, y]}}"
    )
    assert properties("{A: !If [C, yes, no]}", head) == {"A": wanted}


@pytest.mark.parametrize(
    ("expression", "says"),
    [
        ("!Condition C", "Circular dependency of condition C"),
        ("!Equals [a]", "every Fn::Equals object requires a list of two values"),
        ("!Not [a]", "Conditions can only be boolean operations"),
        ("!Join ['', [a]]", "Conditions can only be boolean operations"),
    ],
)
def test_conditions_that_are_refused(expression: str, says: str) -> None:
    with pytest.raises(TemplateRefused, match=says):
        properties("{A: !If [C, x, y]}", f"Conditions: {{C: {expression}}}")


def test_resources_without_their_condition_are_gone_and_may_not_be_used() -> None:
    head = (
        "Conditions: {Never: !Equals [a, b]}\nOutputs: {O: {Value: !Ref N, Condition: Never}}\nResources:\n"
    )
    never = "  N: {Type: AWS::SNS::Topic, Condition: Never}\n"
    made = prepared(f"{head}{never}  R: {{Type: AWS::SNS::Topic, DependsOn: N}}\n").template
    assert made == {"Resources": {"R": {"Type": "AWS::SNS::Topic", "DependsOn": ["N"]}}, "Outputs": {}}
    with pytest.raises(
        TemplateRefused, match=r"Unresolved resource dependencies \[N\] in the Resources block"
    ):
        prepared(f"{head}{never}  R: {{Type: AWS::SNS::Topic, Properties: {{DisplayName: !Ref N}}}}\n")


def test_loops() -> None:
    text = """
Transform: [AWS::LanguageExtensions]
Parameters: {Names: {Type: CommaDelimitedList, Default: "a-1, b"}}
Mappings: {M: {x: {y: [p, q]}}}
Conditions:
  Fn::ForEach::C: [N, [A, B], {"Is${N}": !Equals [!Ref N, A]}]
Resources:
  Fn::ForEach::Outer:
    - Name
    - !Ref Names
    - Fn::ForEach::Inner:
        - Kind
        - !FindInMap [M, x, y]
        - Topic&{Name}${Kind}:
            Type: AWS::SNS::Topic
            Properties:
              DisplayName: !Sub "${Name}-${Kind}-${AWS::Region}"
              Fn::ForEach::Property: [Key, [KmsMasterKeyId], {"${Key}": {Ref: Name}}]
  Only: {Type: AWS::SNS::Topic, Condition: IsB}
  Kept: {Type: AWS::SNS::Topic, Condition: IsA, DeletionPolicy: !If [IsA, Retain, Delete]}
"""
    resources: Any = prepared(text).template["Resources"]
    assert resources.pop("Kept") == {"Type": "AWS::SNS::Topic", "DeletionPolicy": "Retain"}
    assert {name: each["Properties"] for name, each in resources.items()} == {
        "Topica1p": {"DisplayName": "a-1-p-eu-west-1", "KmsMasterKeyId": "a-1"},
        "Topica1q": {"DisplayName": "a-1-q-eu-west-1", "KmsMasterKeyId": "a-1"},
        "Topicbp": {"DisplayName": "b-p-eu-west-1", "KmsMasterKeyId": "b"},
        "Topicbq": {"DisplayName": "b-q-eu-west-1", "KmsMasterKeyId": "b"},
    }
    with pytest.raises(TemplateRefused, match="creates T more than once"):
        prepared(
            "Transform: AWS::LanguageExtensions\nResources:\n"
            "  Fn::ForEach::X: [N, [a, b], {T: {Type: AWS::SNS::Topic}}]\n"
        )


def test_properties_have_the_types_of_their_schema() -> None:
    function = {
        "Timeout": "30",
        "MemorySize": 256,
        "Environment": {"Variables": {"AB": True, "BC": 1.0}},
        "Layers": [1],
        "Tags": [{"Key": "a", "Value": False}],
    }
    assert typed("AWS::Lambda::Function", function) == {
        "Timeout": 30,
        "MemorySize": 256,
        "Environment": {"Variables": {"AB": "true", "BC": "1.0"}},
        "Layers": ["1"],
        "Tags": [{"Key": "a", "Value": "false"}],
    }
    machine = {"Definition": {"a": [True, 1, None]}, "TracingConfiguration": {"Enabled": "True"}}
    assert typed("AWS::StepFunctions::StateMachine", machine) == {
        "Definition": {"a": [True, 1, None]},
        "TracingConfiguration": {"Enabled": True},
    }
    policy = {"PolicyDocument": {"Statement": {"Condition": {"Bool": {"aws:SecureTransport": False}}}}}
    assert typed("AWS::IAM::ManagedPolicy", policy) == policy
    assert typed("Custom::X", {"A": True, "B": [1, {"C": 2.0}]}) == {"A": "true", "B": ["1", {"C": "2.0"}]}
    assert typed("No::Such::Type", {"A": True}) == {"A": True}
    with pytest.raises(TemplateRefused, match=r"Variables must be an object with String .*: AA is a list"):
        typed("AWS::Lambda::Function", {"Environment": {"Variables": {"AA": ["x"]}}})


def test_properties_that_a_type_does_not_have_are_refused_all_at_once() -> None:
    queue = {"Name": "q", "QueueName": "q", "Tags": [{"Key": "a", "Value": "b", "Colour": "red"}]}
    with pytest.raises(TemplateRefused) as refused:
        typed("AWS::SQS::Queue", queue)
    assert str(refused.value) == (
        "Properties validation failed: #: extraneous key [Name] is not permitted, "
        "#/Tags/0: extraneous key [Colour] is not permitted; remove or rename it"
    )


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("AWS::IAM::ManagedPolicy", "PolicyDocument"),
        ("AWS::IAM::Role", "AssumeRolePolicyDocument"),
        ("AWS::KMS::Key", "KeyPolicy"),
        ("AWS::S3::BucketPolicy", "PolicyDocument"),
        ("AWS::SNS::TopicPolicy", "PolicyDocument"),
    ],
)
def test_a_policy_may_be_a_text_of_json(kind: str, name: str) -> None:
    assert typed(kind, {name: ' {"Version": "2012-10-17"}\n'}) == {name: {"Version": "2012-10-17"}}
    for text in ("not JSON", '["a"]', "[" * 100_000):
        with pytest.raises(TemplateRefused, match="Syntax errors in policy"):
            typed(kind, {name: text})


def test_attributes_and_identifiers() -> None:
    assert attributes_of("AWS::SQS::Queue") == {"Arn", "QueueUrl"}
    assert attributes_of("No::Such::Type") is None
    assert identifier_of("AWS::SNS::Topic") == "TopicArn"
    assert identifier_of("No::Such::Type") is None


def test_dynamic_references() -> None:
    secrets = {
        ("arn:aws:secretsmanager:r:1:secret:x", "", ""): '{"k": true}',
        ("x", "AWSPREVIOUS", ""): "old",
    }
    dynamic = DynamicReferences(
        lambda name, version, secure: f"{name}@{version}@{secure}" if name == "/p" else None,
        lambda name, stage, version: secrets.get((name, stage, version)),
    )

    def resolved(text: str, kind: str = "AWS::RDS::DBInstance") -> Any:
        made: Any = dynamic.resolved(kind, {"MasterUserPassword": text})
        return made["MasterUserPassword"]

    assert resolved("<{{resolve:ssm:/p}}|{{resolve:ssm:/p:3}}>") == "</p@@False|/p@3@False>"
    assert resolved("{{resolve:ssm-secure:/p:1}}") == "/p@1@True"
    name = "arn:aws:secretsmanager:r:1:secret:x"
    assert resolved(f"{{{{resolve:secretsmanager:{name}:SecretString:k}}}}") == "true"
    assert resolved("{{resolve:secretsmanager:x:SecretString::AWSPREVIOUS}}") == "old"
    for text, says in {
        "{{resolve:ssm:/none}}": r"Parameters: \[ssm:/none\] cannot be found",
        f"{{{{resolve:secretsmanager:{name}:SecretString:none}}}}": "Could not find a value "
        "associated with JSONKey",
        "{{resolve:secretsmanager:x:SecretBinary}}": "a secret has no 'SecretBinary'",
    }.items():
        with pytest.raises(TemplateRefused, match=says):
            resolved(text)
    with pytest.raises(TemplateRefused, match=r"not supported in: \[AWS::SNS::Topic/Properties/Master"):
        resolved("{{resolve:ssm-secure:/p:1}}", "AWS::SNS::Topic")


def test_the_order_of_resources() -> None:
    resources: Any = {
        "A": {"Properties": {"X": {"Ref": "C"}}},
        "B": {"DependsOn": "A"},
        "C": {"Properties": {"X": {"Fn::Sub": "${D.Arn}-${AWS::Region}"}}},
        "D": {},
        "E": {"Properties": {"X": [{"Fn::GetAtt": ["A", "Arn"]}]}},
    }
    assert in_order(dependencies(resources)) == ["D", "C", "A", "B", "E"]


def test_the_parameter_store_and_the_bootstrap_are_left_out_on_the_host() -> None:
    head = "Parameters: {P: {Type: 'AWS::SSM::Parameter::Value<CommaDelimitedList>', Default: /n}}"
    assert properties("{A: !Ref P}", head) == {"A": ["a", "b"]}
    template = read(
        f"{head}\nResources: {{T: {{Type: AWS::SNS::Topic, Properties: {{DisplayName: !Ref P}}}}}}\n"
    )
    host = Surroundings(PSEUDO, None, lambda region: [])
    assert prepare(template, {}, host).parameters.texts == {"P": "/n"}


def test_what_only_the_engine_knows_is_left_to_it() -> None:
    host = Surroundings({}, None, lambda region: [])
    mapped = read(
        "Mappings: {M: {'111122223333': {a: b}}}\nResources:\n  T:\n    Type: AWS::SNS::Topic\n"
        "    Properties: {DisplayName: !FindInMap [M, !Ref 'AWS::AccountId', a]}\n"
    )
    assert prepare(mapped, {}, host).order == ("T",)
    assert prepare(mapped, {}, SURROUNDINGS).template["Resources"] == {
        "T": {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": "b"}}
    }
    conditional = (
        "Conditions: {Here: !Equals [!Ref 'AWS::Region', eu-west-1]}\nResources:\n"
        "  T: {Type: AWS::SNS::Topic, Condition: Here}\n"
        "  U: {Type: AWS::SNS::Topic, Properties: {DisplayName: !If [Here, !Ref T, x]}}\n"
    )
    with pytest.raises(Open):
        prepare(read(conditional), {}, host)
    assert prepared(conditional).order == ("T", "U")
    loop = (
        "Transform: AWS::LanguageExtensions\nResources:\n"
        "  Fn::ForEach::X: [N, [!Ref 'AWS::Region'], {'T&{N}': {Type: AWS::SNS::Topic}}]\n"
    )
    with pytest.raises(Open):
        prepare(read(loop), {}, host)
    assert prepared(loop).order == ("Teuwest1",)


def test_names_that_are_computed() -> None:
    text = """
Transform: AWS::LanguageExtensions
Parameters: {PA: {Type: String, Default: one}}
Resources:
  TA: {Type: AWS::SNS::Topic, Properties: {DisplayName: !Ref {"Fn::Sub": "P${Name}"}}}
Outputs:
  Fn::ForEach::O: [N, [A], {"O${N}": {Value: !GetAtt [!Sub "T${N}", TopicName]}}]
""".replace("P${Name}", "PA")
    made = prepared(text).template
    assert made["Resources"] == {"TA": {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": "one"}}}
    assert made["Outputs"] == {"OA": {"Value": {"Fn::GetAtt": ["TA", "TopicName"]}}}


@pytest.mark.parametrize(
    ("pattern", "taken", "refused"),
    [
        (r"[\p{Alpha}_]+", "a_b", "a1"),
        (r"\p{Alpha}\p{Digit}*", "a12", "ab"),
        (r"\[[^\]\p{Lower}]+\]", "[A]", "[a]"),
        (r"\w+", "ab_1", "\u00e9"),
    ],
)
def test_a_pattern_is_read_as_java_does(pattern: str, taken: str, refused: str) -> None:
    head = f"Parameters: {{P: {{Type: String, AllowedPattern: '{pattern}'}}}}"
    assert properties("{A: !Ref P}", head, P=taken) == {"A": taken}
    with pytest.raises(TemplateRefused, match="must match pattern"):
        properties("{A: !Ref P}", head, P=refused)


def test_a_pattern_that_python_cannot_read_is_not_checked() -> None:
    head = "Parameters: {P: {Type: String, AllowedPattern: '[a-z&&[^b]]+'}}"
    assert properties("{A: !Ref P}", head, P="b") == {"A": "b"}
