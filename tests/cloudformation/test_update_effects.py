"""Effects of property changes."""

import pytest

from harness.cloudformation.update_effects import changed_effects, effect_of, effects_of


@pytest.mark.parametrize(
    ("kind", "path", "effect"),
    [
        ("AWS::DynamoDB::Table", "KeySchema", "replaced"),
        ("AWS::DynamoDB::Table", "KeySchema.AttributeName", "replaced"),
        ("AWS::DynamoDB::Table", "BillingMode", "none"),
        ("AWS::DynamoDB::GlobalTable", "KeySchema", "conditional"),
        ("AWS::S3::Bucket", "BucketName", "replaced"),
        ("AWS::SQS::Queue", "FifoQueue", "replaced"),
        ("AWS::RDS::DBInstance", "DBInstanceClass", "interrupted"),
        ("AWS::Batch::ComputeEnvironment", "ComputeResources.Type", "conditional"),
        ("AWS::Glue::Database", "DatabaseInput.Name", "replaced"),  # only in the documentation
        ("AWS::Glue::Database", "DatabaseInput.Description", "none"),
        ("Custom::Thing", "Anything", "none"),
        ("Custom::Thing", "ServiceToken", "replaced"),
        ("Mine::Own::Type", "Anything", "conditional"),
    ],
)
def test_a_property_has_an_effect(kind, path, effect):
    assert effect_of(kind, path) == effect


def changed(kind, before, after):
    return dict(changed_effects(kind, before, after))


def test_a_new_element_of_a_list_is_no_change_of_the_others():
    table = "AWS::DynamoDB::Table"
    one, other = ({"AttributeName": name, "AttributeType": "S"} for name in "ab")
    assert changed(table, {"AttributeDefinitions": [one]}, {"AttributeDefinitions": [other, one]}) == {}
    number = {**one, "AttributeType": "N"}
    assert changed(table, {"AttributeDefinitions": [one]}, {"AttributeDefinitions": [number, other]}) == {
        "AttributeDefinitions.AttributeType": "conditional"
    }


def test_a_list_that_is_no_list_of_objects_is_compared_as_a_whole():
    service = "AWS::EC2::VPCEndpoint"
    assert "SubnetIds" not in effects_of(service)
    database = "AWS::RDS::DBCluster"
    assert changed(database, {"AvailabilityZones": ["a"]}, {"AvailabilityZones": ["a", "b"]}) == {
        "AvailabilityZones": "conditional"
    }


def test_a_property_that_is_taken_away_is_a_change():
    assert changed("AWS::SNS::Topic", {"FifoTopic": True}, {}) == {"FifoTopic": "replaced"}


def test_everything_counts_where_there_is_no_schema():
    assert changed("Mine::Own::Type", {"A": 1}, {"A": 2}) == {"*": "conditional"}
    assert changed("Mine::Own::Type", {"A": 1}, {"A": 1}) == {}
