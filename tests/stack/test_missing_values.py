"""External values for templates: provided, created by the stacks themselves, or rejected by name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from harness.expect import BUILT_IN
from harness.scenario.load import parse
from harness.scenario.position import ScenarioError
from harness.settings import Settings, SettingsError
from harness.settings_reading import load_settings
from harness.stack.environment import place_of
from harness.stack.given_values import given_by, to_give
from harness.stack.stack_choice import stacks_of
from harness.stack.template_choice import check_values

TOPIC = "Resources:\n  Topic:\n    Type: AWS::SNS::Topic\n    Properties:\n      DisplayName: "


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def check(stack: str = "{template: t.yaml}", **settings: Any) -> None:
    scenario = parse(f"title: t\nstack: {stack}\nexpect: {{messages: []}}\n", BUILT_IN, Path("x.yaml"))
    check_values([scenario], lambda _: Settings(root=Path(), **settings))


def refused(stack: str = "{template: t.yaml}", **settings: Any) -> list[str]:
    with pytest.raises((ScenarioError, SettingsError)) as error:
        check(stack, **settings)
    return str(error.value).splitlines()


REFERENCES = {
    "!ImportValue vpc": (
        "t.yaml:5:7: Fn::ImportValue: no earlier stack exports vpc",
        "exports: {vpc: v}",
        '"vpc" = "..."',
    ),
    '!ImportValue {"Fn::Sub": "${AWS::StackName}-${AWS::Region}"}': (
        "t.yaml:5:7: Fn::ImportValue: no earlier stack exports stack-us-east-1",
        "exports: {stack-us-east-1: v}",
        '"stack-us-east-1" = "..."',
    ),
    "{Fn::GetStackOutput: {StackName: net, OutputName: Vpc}}": (
        "t.yaml:5:7: Fn::GetStackOutput: the stack net is not deployed, and its output Vpc is not set",
        "outputs: {net: {Vpc: v}}",
        '"net" = {"Vpc" = "..."}',
    ),
    '"{{resolve:ssm:/app/url:3}}"': (
        "t.yaml:5:7: {{resolve:ssm:/app/url:3}}: parameter /app/url does not exist in SSM",
        "ssm: {/app/url: v}",
        '"/app/url" = "..."',
    ),
    '!Sub "https://{{resolve:ssm:/app/url}}/${Topic2.TopicName}"': (
        "t.yaml:5:7: {{resolve:ssm:/app/url}}: parameter /app/url does not exist in SSM",
        "ssm: {/app/url: [v, w]}",
        '"/app/url" = "..."',
    ),
    '!Sub "{{resolve:ssm:/${AWS::AccountId}/url}}"': (
        "parameter /123456789012/url does not exist in SSM",
        "ssm: {/123456789012/url: v}",
        '"/123456789012/url" = "..."',
    ),
    '"{{resolve:ssm-secure:/app/key}}"': (
        "SecureString /app/key does not exist in SSM",
        "ssm: {/app/key: {secure: v}}",
        '"/app/key" = {"secure" = "..."}',
    ),
    '"{{resolve:secretsmanager:prod/db:SecretString:password}}"': (
        "secret prod/db does not exist",
        "secrets: {prod/db: {password: v}}",
        '"prod/db" = {"password" = "..."}',
    ),
    '"{{resolve:secretsmanager:arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-AbCdEf}}"': (
        "secret arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-AbCdEf does not exist",
        "secrets: {db: v}",
        '"arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-AbCdEf" = "..."',
    ),
    '"{{resolve:ssm:/aws/service/neuron/x}}"': (
        "the engine has no public parameter /aws/service/neuron/x",
        "ssm: {/aws/service/neuron/x: v}",
        '"/aws/service/neuron/x" = "..."',
    ),
}


@pytest.mark.parametrize("reference", REFERENCES)
def test_what_is_not_given_is_refused_at_its_place_with_the_lines_to_paste(reference: str) -> None:
    message, given, pasted = REFERENCES[reference]
    Path("t.yaml").write_text(TOPIC + reference + "\n  Topic2: {Type: AWS::SNS::Topic}\n")
    told = refused()
    assert message in told[0]
    assert told[0].startswith("t.yaml:5:7: ")
    assert f"    {pasted}" in told
    check(f"{{template: t.yaml, {given}}}")


def test_the_lines_to_paste_are_taken_by_settings_and_scenario() -> None:
    values = "".join(f"\n  T{n}: {{Type: AWS::SNS::Topic, Properties: {{DisplayName: X}}}}" for n in range(9))
    for reference in REFERENCES:
        values = values.replace("X", reference, 1)
    Path("t.yaml").write_text(f"Resources:{values}\n")
    told = refused()
    middle = told.index("or in a scenario, for that scenario only:")
    first = told.index("set their values in pyproject.toml:")
    Path("pyproject.toml").write_text(
        '[tool.harness]\ntemplate = "t.yaml"\n' + "\n".join(told[first + 1 : middle])
    )
    text = "title: t\nexpect: {messages: []}\n"
    check_values([parse(text, BUILT_IN, Path("x.yaml"))], lambda _: load_settings(Path(), {}))
    pasted = "\n".join(line.removeprefix("    ") for line in told[middle + 1 :])
    pasted = pasted.replace("stack:", "stack:\n  template: t.yaml")
    scenario = parse(f"{text}{pasted}\n", BUILT_IN, Path("x.yaml"))
    check_values([scenario], lambda _: Settings(root=Path()))


def test_parameters_whose_values_are_in_ssm() -> None:
    Path("t.yaml").write_text(
        "Parameters:\n"
        "  Ami: {Type: 'AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>', Default: "
        "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-6.1-arm64}\n"
        "  Boot: {Type: 'AWS::SSM::Parameter::Value<String>', Default: /cdk-bootstrap/x/version}\n"
        "  Nets: {Type: 'AWS::SSM::Parameter::Value<List<String>>', Default: /nets}\n"
        "Conditions: {Two: !Equals [!Select [1, !Ref Nets], b]}\n"
        + TOPIC
        + "!If [Two, !ImportValue two, x]\n"
    )
    told = refused()
    assert told[0].startswith("t.yaml:4:60: parameter Nets: parameter /nets does not exist in SSM")
    assert '    "/nets" = ["..."]' in told
    assert "t.yaml:5:" not in told[1]
    check("{template: t.yaml, ssm: {/nets: [a, c]}}")
    (message, *_) = refused("{template: t.yaml, ssm: {/nets: [a, b]}}")
    assert "no earlier stack exports two" in message
    (message, *_) = refused("{template: t.yaml, parameters: {Nets: /other}, ssm: {/nets: a}}")
    assert "parameter /other does not exist in SSM" in message


def test_what_is_not_made_wants_nothing() -> None:
    Path("t.yaml").write_text(
        "Parameters: {Stage: {Type: String, Default: dev}}\n"
        "Conditions: {Prod: !Equals [!Ref Stage, prod]}\n" + TOPIC + "!If [Prod, !ImportValue one, x]\n"
        "  Other: {Type: AWS::SNS::Topic, Condition: Prod, Properties: {DisplayName: !ImportValue two}}\n"
        "Outputs: {Three: {Condition: Prod, Value: !ImportValue three}}\n"
    )
    check()
    told = [line for line in refused("{template: t.yaml, parameters: {Stage: prod}}") if "t.yaml:" in line]
    assert [line.rpartition(" ")[2] for line in told] == ["one", "two", "three"]


def test_stacks_give_each_other_what_they_make() -> None:
    Path("made.yaml").write_text(
        "Resources:\n"
        "  P: {Type: AWS::SSM::Parameter, Properties: {Name: /app/url, Type: String, Value: x}}\n"
        "  S: {Type: AWS::SecretsManager::Secret, Properties: {Name: !Sub '${AWS::StackName}-db'}}\n"
        "Outputs: {Vpc: {Value: v, Export: {Name: !Sub '${AWS::StackName}-vpc'}}}\n"
    )
    Path("t.yaml").write_text(
        TOPIC + '!Sub ["${A}{{resolve:ssm:/app/url}}{{resolve:secretsmanager:net-db}}", '
        "{A: !ImportValue net-vpc}]\n"
        "Outputs: {Out: {Value: {Fn::GetStackOutput: {StackName: net, OutputName: Vpc}}}}\n"
    )
    check("[{template: made.yaml, name: net}, {template: t.yaml}]")
    told = refused("[{template: t.yaml}, {template: made.yaml, name: net}]")
    assert "the stack net, which exports net-vpc, is deployed after t; move net before it" in "".join(told)
    assert "net-vpc:" not in "".join(told)
    assert len([line for line in refused() if line.startswith("t.yaml:")]) == 4
    scenario = parse(
        "title: t\nstack:\n"
        "  - {template: made.yaml, name: net, exports: {net-vpc: a, b: c}, outputs: {net: {X: y}}}\n"
        "  - {template: t.yaml, ssm: {/app/url: a, /b: c}, secrets: {net-db: x, y: z}}\n"
        "expect: {messages: []}\n",
        BUILT_IN,
        Path("x.yaml"),
    )
    settings = Settings(root=Path())
    planned = stacks_of(scenario, settings)
    put = to_give(planned, given_by(scenario, settings), place_of(planned, settings))
    assert (dict(put.exports), dict(put.outputs), [*put.ssm], [*put.secrets]) == (
        {"b": "c"},
        {},
        ["/b"],
        ["y"],
    )


def test_what_only_the_engine_knows_is_left_to_it() -> None:
    Path("t.yaml").write_text(
        TOPIC + "!ImportValue {'Fn::Join': ['-', [!GetAtt Other.TopicName, x]]}\n"
        "  Other: {Type: AWS::SNS::Topic, Properties: {DisplayName: '{{resolve:ssm:/made}}'}}\n"
        "  Maker: {Type: Custom::Maker, Properties: {ServiceToken: !Ref Other}}\n"
    )
    check()


def test_a_given_secret_has_the_wanted_member_and_a_parameter_the_wanted_type() -> None:
    Path("t.yaml").write_text(TOPIC + '"{{resolve:secretsmanager:db:SecretString:password}}"\n')
    for given in ("hunter2hunter2", "{user: hunter2hunter2}"):
        told = refused(f"{{template: t.yaml, secrets: {{db: {given}}}}}")
        assert "the secret db has no member password" in told[0]
        assert "hunter2" not in "\n".join(told)
    Path("t.yaml").write_text(TOPIC + '"{{resolve:ssm:/key}}"\n')
    told = refused("{template: t.yaml, ssm: {/key: {secure: hunter2hunter2}}}")
    assert "/key is set as a SecureString" in told[0]
    assert "hunter2" not in "\n".join(told)


def test_the_scenario_comes_before_the_settings_key_by_key() -> None:
    Path("pyproject.toml").write_text(
        "[tool.harness]\n"
        'exports = {a = "settings", b = "settings"}\n'
        'outputs = {net = {A = "settings", B = "settings"}}\n'
        'ssm = {"/a" = ["s", "t"], "/b" = {secure = "s"}}\n'
        'secrets = {a = {user = "settings-user"}, b = "settings-text"}\n'
    )
    scenario = parse(
        "title: t\n"
        "stack: {exports: {a: own}, outputs: {net: {A: 1}}, ssm: {/a: true}, secrets: {a: own-text}}\n"
        "expect: {messages: []}\n",
        BUILT_IN,
        Path("x.yaml"),
    )
    given = given_by(scenario, load_settings(Path(), {}))
    assert given.exports == {"a": "own", "b": "settings"}
    assert given.outputs["net"].values == {"A": "1", "B": "settings"}
    assert {name: (each.value, each.type) for name, each in given.ssm.items()} == {
        "/a": ("true", "String"),
        "/b": ("s", "SecureString"),
    }
    assert {name: each.text for name, each in given.secrets.items()} == {
        "a": "own-text",
        "b": "settings-text",
    }
    assert "own-text" not in repr(given)


def test_one_name_with_two_values_is_refused() -> None:
    for name in ("t.yaml", "u.yaml"):
        Path(name).write_text(TOPIC + "x\n")
    stack = "[{template: t.yaml, secrets: {db: first-text}}, {template: u.yaml, secrets: {db: second-text}}]"
    (told,) = refused(stack)
    assert told.startswith("x.yaml:2:")
    assert "secrets: another entry in stack sets a different value for db; set it once" in told
    assert "text" not in told
