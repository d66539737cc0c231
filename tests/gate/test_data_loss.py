"""Planted defects that lose data, each found at its line, and commits that lose nothing."""

import json

import pytest
from planted import CDK, PLAIN, SAM, copied

from harness.gate import data_loss
from harness.gate.base import BaseError
from harness.gate.comparing import changes
from harness.gate.data_loss import findings

TABLE = "  UsageTable:\n    Type: AWS::DynamoDB::Table"
KEY_SCHEMA = """      KeySchema:
        - {AttributeName: run_id, KeyType: HASH}
        - {AttributeName: bucket_extension, KeyType: RANGE}
"""
ORDERS = "cdk.out/ShopData.template.json"
NEVER_KEPT = "    DeletionPolicy: Delete\n    UpdateReplacePolicy: Delete\n    Properties:\n      BillingMode"


def found(project, **parameters):
    return [(each.rule.id, each.subject, each.line) for each in findings(*project.sides(**parameters))]


def only(project, **parameters):
    (finding,) = findings(*project.sides(**parameters))
    return finding


@pytest.mark.parametrize("project", [PLAIN, SAM, CDK], ids=["plain", "sam", "cdk"])
def test_an_unchanged_project_has_no_findings(tmp_path, project):
    assert found(copied(project, tmp_path)) == []


def test_another_key_of_a_table_is_found_at_the_key(plain):
    plain.edit(
        "{AttributeName: bucket_extension, KeyType: RANGE}", "{AttributeName: extension, KeyType: RANGE}"
    )
    plain.edit("{AttributeName: bucket_extension, AttributeType", "{AttributeName: extension, AttributeType")
    finding = only(plain)
    assert finding.rule is data_loss.REPLACED
    assert finding.subject == "UsageTable.KeySchema"
    assert finding.place == f"{plain.template}:{plain.line('KeySchema')}:7"
    assert "its items" in finding.message
    assert "UpdateReplacePolicy: Retain" in finding.remedy


def test_another_type_of_a_key_is_found(plain):
    plain.edit("{AttributeName: run_id, AttributeType: S}", "{AttributeName: run_id, AttributeType: N}")
    expected = ("data-loss-replaced", "UsageTable.AttributeDefinitions.AttributeType")
    assert found(plain) == [(*expected, plain.line("AttributeDefinitions"))]


def test_a_removed_table_is_found_at_the_line_of_the_base(plain):
    plain.replace_references("UsageTable")
    plain.remove("UsageTable")
    finding = only(plain)
    assert (finding.rule, finding.subject) == (data_loss.DELETED, "UsageTable")
    assert finding.line == plain.line("  UsageTable:", of_base=True)
    assert finding.file == plain.template
    assert finding.details == (f"line {finding.line} refers to main",)


def test_another_logical_id_is_told_as_such(plain):
    plain.template.write_text(plain.template.read_text().replace("UsageTable", "Usage"))
    finding = only(plain)
    assert (finding.rule, finding.subject) == (data_loss.RENAMED, "UsageTable")
    assert finding.line == plain.line("  Usage:")
    assert "is now called Usage" in finding.message


def test_a_condition_that_does_not_hold_any_more_is_found(plain):
    plain.edit_both("\nConditions:\n", '\nConditions:\n  Kept: !Equals [!Ref MachineTracing, "false"]\n')
    plain.edit_both(TABLE, TABLE + "\n    Condition: Kept")
    plain.replace_references("UsageTable", of_base=True)
    plain.replace_references("UsageTable")
    plain.edit(
        '  Kept: !Equals [!Ref MachineTracing, "false"]', "  Kept: !Equals [!Ref MachineTracing, never]"
    )
    assert found(plain) == [("data-loss-condition", "UsageTable", plain.line("  Kept:"))]


def test_a_default_that_switches_a_condition_is_found_at_the_default(plain):
    plain.edit('    Default: "OFF"', "    Default: ALL", of_base=True)
    assert ("data-loss-condition", "MachineLogs", plain.line('Default: "OFF"')) in found(plain)


def test_a_condition_is_looked_at_with_other_values_of_its_parameters(plain):
    condition = '  LogsMachines: !Not [!Equals [!Ref MachineLogLevel, "OFF"]]'
    plain.edit(condition, '  LogsMachines: !Equals [!Ref MachineLogLevel, "ON"]')
    (finding,) = [each for each in findings(*plain.sides()) if each.subject == "MachineLogs"]
    assert finding.rule is data_loss.CONDITION
    assert finding.line == plain.line("  LogsMachines:")
    assert finding.details == (
        "the condition LogsMachines changed",
        "with the parameters MachineLogLevel=FATAL",
    )


def test_what_is_behind_a_condition_is_compared(plain):
    plain.edit("/aws/vendedlogs/states/${AWS::StackName}", "/aws/vendedlogs/states/of-${AWS::StackName}")
    expected = ("data-loss-replaced", "MachineLogs.LogGroupName", plain.line("LogGroupName"))
    assert found(plain) == [expected]


def test_another_name_is_found_at_the_parameter_that_it_comes_from(plain):
    parameter = "  IncludePatterns:\n    Type: String\n"
    plain.edit_both(parameter, "  Name:\n    Type: String\n    Default: rows\n" + parameter)
    plain.edit_both("      BillingMode: PAY", "      TableName: !Ref Name\n      BillingMode: PAY")
    plain.edit("    Default: rows\n", "    Default: numbers\n")
    finding = only(plain)
    assert (finding.subject, finding.line) == ("UsageTable.TableName", plain.line("Default: numbers"))
    assert "the parameter Name was 'rows' and is now 'numbers'" in finding.details


def test_a_removed_parameter_is_seen_through(plain):
    parameter = "  IncludePatterns:\n    Type: String\n"
    plain.edit(parameter, "  Name:\n    Type: String\n    Default: rows\n" + parameter, of_base=True)
    plain.edit("      BillingMode: PAY", "      TableName: !Ref Name\n      BillingMode: PAY", of_base=True)
    plain.edit("      BillingMode: PAY", "      TableName: other\n      BillingMode: PAY")
    assert found(plain) == [("data-loss-replaced", "UsageTable.TableName", plain.line("TableName: other"))]


def test_another_type_under_the_same_id_is_found(plain):
    plain.edit("    Type: AWS::SNS::Topic", "    Type: AWS::SQS::Queue")
    plain.edit("      DisplayName: S3 usage report\n", "")
    (finding,) = [each for each in findings(*plain.sides()) if each.rule is data_loss.TYPE]
    assert finding.subject == "ReportTopic"
    assert finding.line == plain.line("Type: AWS::SQS::Queue")


def test_a_table_moved_into_a_nested_stack_is_found_there(plain):
    table = plain.block("UsageTable").partition("      SSESpecification")[0]
    (plain.head / "inner.yaml").write_text(f"Resources:\n{table}")
    plain.replace_references("UsageTable")
    plain.remove("UsageTable")
    nested = "  Data: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: inner.yaml}}\n"
    plain.edit("\nResources:\n", f"\nResources:\n{nested}")
    finding = only(plain)
    assert (finding.rule, finding.subject) == (data_loss.MOVED, "UsageTable")
    assert finding.place == f"{plain.head / 'inner.yaml'}:2:3"
    assert "is now in the stack stack.Data" in finding.message


def test_a_parameter_of_a_nested_stack_is_found_where_it_is_given(plain):
    table = plain.block("UsageTable").partition("      SSESpecification")[0]
    inner = f"Parameters: {{Name: {{Type: String}}}}\nResources:\n{table}      TableName: !Ref Name\n"
    for folder in (plain.base, plain.head):
        (folder / "inner.yaml").write_text(inner)
    nested = """
  Data:
    Type: AWS::CloudFormation::Stack
    Properties:
      TemplateURL: inner.yaml
      Parameters:
        Name: rows
Outputs:
"""
    plain.edit_both("\nOutputs:\n", nested)
    plain.edit("        Name: rows", "        Name: numbers")
    finding = only(plain)
    assert finding.subject == "UsageTable.TableName"
    assert finding.place == f"{plain.template}:{plain.line('Name: numbers')}:9"


def test_a_nested_stack_that_is_kept_keeps_what_is_in_it(plain):
    table = plain.block("UsageTable").partition("      SSESpecification")[0]
    (plain.base / "inner.yaml").write_text(f"Resources:\n{table}")
    for policy, expected in (("Delete", [data_loss.DELETED]), ("Retain", [])):
        nested = f"  Data: {{Type: AWS::CloudFormation::Stack, DeletionPolicy: {policy}, "
        nested += "Properties: {TemplateURL: inner.yaml}}\n"
        (plain.base / "template.yaml").write_text(
            plain.template.read_text().replace("\nResources:\n", f"\nResources:\n{nested}")
        )
        assert [each.rule for each in findings(*plain.sides())] == expected


def test_a_queue_of_a_loop_is_found_at_the_loop(plain):
    loop = """
  Fn::ForEach::Queues:
    - Name
    - [First, Second]
    - Queue${Name}:
        Type: AWS::SQS::Queue
        Properties: {VisibilityTimeout: 10}
Outputs:
"""
    plain.edit_both('AWSTemplateFormatVersion: "2010-09-09"\n', "Transform: AWS::LanguageExtensions\n")
    plain.edit_both("\nOutputs:\n", loop)
    plain.edit("[First, Second]", "[First]")
    assert found(plain) == [("data-loss-deleted", "QueueSecond", plain.line("    - Queue${Name}"))]


def test_a_fixed_name_makes_a_replacement_fail(plain):
    plain.edit_both("      BillingMode: PAY", "      TableName: rows\n      BillingMode: PAY")
    plain.edit("{AttributeName: run_id, KeyType: HASH}", "{AttributeName: run, KeyType: HASH}")
    plain.edit("{AttributeName: run_id, AttributeType", "{AttributeName: run, AttributeType")
    assert "its name rows is fixed, so the update fails: already exists" in only(plain).message


def test_a_function_with_a_fixed_name_is_not_moved_to_another_id(plain):
    text = plain.template.read_text()
    plain.template.write_text(text.replace("ListObjectsLogs", "Listing"))
    assert found(plain) == [("data-loss-renamed", "ListObjectsLogs", plain.line("  Listing:"))]
    plain.template.write_text(text.replace("ListObjectsFunction", "ListFunction"))
    assert found(plain) == [("data-loss-name-taken", "ListObjectsFunction", plain.line("  ListFunction:"))]


def test_a_replacement_goes_on_to_what_names_it(plain):
    database = """
  Cluster:
    Type: AWS::RDS::DBCluster
    Properties: {Engine: aurora-mysql, MasterUsername: admin, KmsKeyId: !GetAtt Key.Arn}
  Key:
    Type: AWS::KMS::Key
    Properties: {KeyPolicy: {Statement: []}, KeySpec: SYMMETRIC_DEFAULT}
  Subnets:
    Type: AWS::RDS::DBSubnetGroup
    Properties: {DBSubnetGroupDescription: here, DBSubnetGroupName: here, SubnetIds: [a]}
  Other:
    Type: AWS::Kinesis::Stream
    Properties: {Name: !Ref Cluster}
Outputs:
"""
    plain.edit_both("\nOutputs:\n", database)
    plain.edit("Engine: aurora-mysql", "Engine: aurora-postgresql")
    assert [each[1] for each in found(plain)] == ["Cluster.Engine", "Other.Name"]


@pytest.mark.parametrize("policy", ["Retain", "RetainExceptOnCreate"])
def test_what_is_kept_is_no_finding(plain, policy):
    kept = NEVER_KEPT.replace("UpdateReplacePolicy: Delete", "UpdateReplacePolicy: Retain")
    kept = kept.replace("DeletionPolicy: Delete", f"DeletionPolicy: {policy}")
    plain.edit_both(NEVER_KEPT, kept)
    plain.edit("{AttributeName: run_id, KeyType: HASH}", "{AttributeName: run, KeyType: HASH}")
    assert found(plain) == []
    text = (plain.base / "template.yaml").read_text()
    plain.template.write_text(text.replace("UsageTable", "Usage"))
    assert found(plain) == []


def test_a_policy_that_is_taken_away_in_the_same_commit_keeps_nothing(plain):
    plain.edit(NEVER_KEPT, NEVER_KEPT.replace("Policy: Delete", "Policy: Retain"), of_base=True)
    plain.edit("{AttributeName: run_id, KeyType: HASH}", "{AttributeName: run, KeyType: HASH}")
    assert [each[:2] for each in found(plain)] == [
        ("data-loss-replaced", "UsageTable.KeySchema"),
        ("data-loss-unprotected", "UsageTable.DeletionPolicy"),
        ("data-loss-unprotected", "UsageTable.UpdateReplacePolicy"),
    ]


def test_the_policy_of_the_base_holds_for_what_is_removed(plain):
    plain.edit(NEVER_KEPT, NEVER_KEPT.replace("DeletionPolicy: Delete", "DeletionPolicy: Retain"))
    plain.template.write_text(plain.template.read_text().replace("UsageTable", "Usage"))
    assert [each[:2] for each in found(plain)] == [("data-loss-renamed", "UsageTable")]


@pytest.mark.parametrize(
    ("old", "new", "rule", "subject"),
    [
        (
            "{PointInTimeRecoveryEnabled: true}",
            "{PointInTimeRecoveryEnabled: false}",
            "data-loss-unprotected",
            "UsageTable.PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled",
        ),
        (
            "{AttributeName: expires_at, Enabled: true}",
            "{AttributeName: started_at, Enabled: true}",
            "data-loss-retention",
            "UsageTable.TimeToLiveSpecification",
        ),
    ],
)
def test_a_table_that_keeps_less_is_found(plain, old, new, rule, subject):
    plain.edit(old, new)
    assert found(plain) == [(rule, subject, plain.line(new))]


def test_logs_that_are_kept_for_a_shorter_time_are_found_at_the_default(plain):
    plain.edit("    Default: 30\n    AllowedValues: [1,", "    Default: 7\n    AllowedValues: [1,")
    line = plain.line("Default: 7", after="LogRetentionDays")
    assert ("data-loss-retention", "PutDynamoDBLogs.RetentionInDays", line) in found(plain)


def test_the_key_of_a_simple_table_is_found_at_sam_s_property(sam):
    sam.edit("PrimaryKey: {Name: text, Type: String}", "PrimaryKey: {Name: word, Type: String}")
    assert ("data-loss-replaced", "Counts.KeySchema", sam.line("PrimaryKey")) in found(sam)


def test_another_type_of_a_machine_of_sam_is_found(sam):
    sam.edit("      DefinitionUri: flow.asl.yaml", "      DefinitionUri: flow.asl.yaml\n      Type: EXPRESS")
    expected = ("data-loss-replaced", "Flow.StateMachineType", sam.line("Type: EXPRESS"))
    assert found(sam) == [expected]


def test_a_removed_topic_of_a_cdk_app_is_found(cdk):
    template = json.loads((cdk.head / ORDERS).read_text())
    template["Resources"]["Other99999999"] = template["Resources"].pop("Told11223344")
    template["Outputs"]["ExportsOutputRefTold11223344"]["Value"]["Ref"] = "Other99999999"
    (cdk.head / ORDERS).write_text(json.dumps(template, indent=1))
    line = cdk.line('"Other99999999": {', file=ORDERS)
    assert found(cdk) == [("data-loss-renamed", "ShopData.Told11223344", line)]


def test_a_retained_table_of_a_cdk_app_may_go(cdk):
    cdk.edit('"KeyType": "HASH"', '"KeyType": "RANGE"', file=ORDERS)
    assert found(cdk) == []


def test_a_template_that_cannot_be_read_is_a_sentence(plain):
    (plain.base / "template.yaml").write_text("Resources: {Table: [}")
    with pytest.raises(BaseError, match=r"main: .*template.yaml:1:\d+: not YAML"):
        plain.sides()


def test_each_property_change_has_its_effect(plain):
    plain.edit("      DisplayName: S3 usage report", "      DisplayName: Usage\n      FifoTopic: true")
    change = next(each for each in changes(*plain.sides()) if each.base.logical_id == "ReportTopic")
    assert change.kind == "replaced"
    assert {each.path: each.effect for each in change.properties} == {
        "DisplayName": "none",
        "FifoTopic": "replaced",
    }
