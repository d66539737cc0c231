"""Mutants of CloudFormation templates, each in a folder with the files that it references."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from mutation import Json, Mutator
from scenario_mutants import ROOT, words_of, written

from harness.cloudformation.yaml_reading import read_yaml

ROLE: Json = {
    "Type": "AWS::IAM::Role",
    "Properties": {
        "AssumeRolePolicyDocument": {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"Service": ["states.amazonaws.com", "lambda.amazonaws.com"]},
                    "Action": "sts:AssumeRole",
                }
            ],
        },
        "Policies": [
            {
                "PolicyName": "p",
                "PolicyDocument": {
                    "Version": "2012-10-17",
                    "Statement": [
                        {
                            "Sid": "A",
                            "Effect": "Allow",
                            "Action": ["s3:*", "sns:*"],
                            "Resource": "*",
                            "Condition": {"StringEquals": {"aws:RequestedRegion": "us-east-1"}},
                        }
                    ],
                },
            }
        ],
    },
}
BROAD: Json = {
    "AWSTemplateFormatVersion": "2010-09-09",
    "Description": "Resources, functions and sections of many kinds",
    "Parameters": {
        "Stage": {"Type": "String", "Default": "dev", "AllowedValues": ["dev", "prod"], "MaxLength": 4},
        "Days": {"Type": "Number", "Default": 7, "MinValue": 1},
        "Names": {"Type": "CommaDelimitedList", "Default": "a, b"},
    },
    "Mappings": {"Sizes": {"dev": {"Memory": 128}, "prod": {"Memory": 256}}},
    "Conditions": {
        "IsProd": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]},
        "Not": {"Fn::Not": [{"Condition": "IsProd"}]},
    },
    "Resources": {
        "Role": ROLE,
        "Fn": {
            "Type": "AWS::Lambda::Function",
            "DependsOn": ["Topic"],
            "Properties": {
                "Runtime": "python3.12",
                "Handler": "app.handler",
                "Role": {"Fn::GetAtt": ["Role", "Arn"]},
                "Code": "./fn",
                "Timeout": 30,
                "MemorySize": {"Fn::FindInMap": ["Sizes", {"Ref": "Stage"}, "Memory"]},
                "Environment": {
                    "Variables": {
                        "AA": {"Fn::Join": ["-", {"Ref": "Names"}]},
                        "BB": {"Fn::Sub": "${Stage}-x"},
                    }
                },
                "Layers": [{"Ref": "Layer"}],
                "LoggingConfig": {"LogFormat": "JSON"},
            },
        },
        "Inline": {
            "Type": "AWS::Lambda::Function",
            "Properties": {
                "Runtime": "python3.12",
                "Handler": "index.handler",
                "Role": {"Fn::GetAtt": ["Role", "Arn"]},
                "Code": {"ZipFile": "def handler(event, context):\n    return 1\n"},
                "FunctionName": "inline",
            },
        },
        "Layer": {
            "Type": "AWS::Lambda::LayerVersion",
            "Properties": {"LayerName": "l", "Content": "./layer"},
        },
        "Version": {"Type": "AWS::Lambda::Version", "Properties": {"FunctionName": {"Ref": "Inline"}}},
        "Alias": {
            "Type": "AWS::Lambda::Alias",
            "Properties": {
                "FunctionName": {"Ref": "Inline"},
                "FunctionVersion": {"Fn::GetAtt": ["Version", "Version"]},
                "Name": "live",
            },
        },
        "Permission": {
            "Type": "AWS::Lambda::Permission",
            "Properties": {
                "FunctionName": {"Ref": "Fn"},
                "Action": "lambda:InvokeFunction",
                "Principal": "sns.amazonaws.com",
            },
        },
        "Machine": {
            "Type": "AWS::StepFunctions::StateMachine",
            "Properties": {
                "RoleArn": {"Fn::GetAtt": ["Role", "Arn"]},
                "DefinitionSubstitutions": {"Fn": {"Fn::GetAtt": ["Fn", "Arn"]}, "Days": {"Ref": "Days"}},
                "DefinitionS3Location": "flow.asl.json",
                "Tags": [{"Key": "a", "Value": "b"}],
            },
        },
        "Second": {
            "Type": "AWS::StepFunctions::StateMachine",
            "Condition": "Not",
            "Properties": {
                "RoleArn": {"Fn::GetAtt": ["Role", "Arn"]},
                "Definition": {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}},
            },
        },
        "Topic": {
            "Type": "AWS::SNS::Topic",
            "Properties": {
                "Subscription": [{"Endpoint": {"Fn::GetAtt": ["Queue", "Arn"]}, "Protocol": "sqs"}]
            },
        },
        "Subscription": {
            "Type": "AWS::SNS::Subscription",
            "Properties": {
                "TopicArn": {"Ref": "Topic"},
                "Protocol": "lambda",
                "Endpoint": {"Fn::GetAtt": ["Fn", "Arn"]},
                "FilterPolicy": {"a": ["b"]},
            },
        },
        "Queue": {
            "Type": "AWS::SQS::Queue",
            "Properties": {
                "VisibilityTimeout": 60,
                "RedrivePolicy": {
                    "deadLetterTargetArn": {"Fn::GetAtt": ["Dead", "Arn"]},
                    "maxReceiveCount": 3,
                },
            },
        },
        "Dead": {"Type": "AWS::SQS::Queue", "DeletionPolicy": "Retain"},
        "Mapping": {
            "Type": "AWS::Lambda::EventSourceMapping",
            "Properties": {
                "EventSourceArn": {"Fn::GetAtt": ["Queue", "Arn"]},
                "FunctionName": {"Ref": "Fn"},
                "BatchSize": 5,
            },
        },
        "Bucket": {
            "Type": "AWS::S3::Bucket",
            "Properties": {
                "VersioningConfiguration": {"Status": "Enabled"},
                "LifecycleConfiguration": {"Rules": [{"Status": "Enabled", "ExpirationInDays": 3}]},
            },
        },
        "BucketPolicy": {
            "Type": "AWS::S3::BucketPolicy",
            "Properties": {
                "Bucket": {"Ref": "Bucket"},
                "PolicyDocument": {
                    "Version": "2012-10-17",
                    "Statement": [
                        {
                            "Effect": "Deny",
                            "Principal": "*",
                            "Action": "s3:*",
                            "Resource": {"Fn::Sub": "${Bucket.Arn}/*"},
                        }
                    ],
                },
            },
        },
        "Table": {
            "Type": "AWS::DynamoDB::Table",
            "Properties": {
                "AttributeDefinitions": [
                    {"AttributeName": "pk", "AttributeType": "S"},
                    {"AttributeName": "sk", "AttributeType": "N"},
                ],
                "KeySchema": [
                    {"AttributeName": "pk", "KeyType": "HASH"},
                    {"AttributeName": "sk", "KeyType": "RANGE"},
                ],
                "BillingMode": "PAY_PER_REQUEST",
                "StreamSpecification": {"StreamViewType": "NEW_IMAGE"},
                "TimeToLiveSpecification": {"AttributeName": "t", "Enabled": True},
                "GlobalSecondaryIndexes": [
                    {
                        "IndexName": "i",
                        "KeySchema": [{"AttributeName": "sk", "KeyType": "HASH"}],
                        "Projection": {"ProjectionType": "ALL"},
                    }
                ],
            },
        },
        "Rule": {
            "Type": "AWS::Events::Rule",
            "Properties": {
                "EventPattern": {"source": ["aws.s3"]},
                "Targets": [{"Arn": {"Fn::GetAtt": ["Fn", "Arn"]}, "Id": "t"}],
            },
        },
        "Secret": {
            "Type": "AWS::SecretsManager::Secret",
            "Properties": {"GenerateSecretString": {"PasswordLength": 20}},
        },
        "Parameter": {
            "Type": "AWS::SSM::Parameter",
            "Properties": {"Type": "String", "Value": "v", "Name": "/a"},
        },
        "Logs": {
            "Type": "AWS::Logs::LogGroup",
            "Properties": {"LogGroupName": "/aws/x", "RetentionInDays": 7},
        },
        "Policy": {
            "Type": "AWS::IAM::ManagedPolicy",
            "Properties": {
                "PolicyDocument": {
                    "Version": "2012-10-17",
                    "Statement": {"Effect": "Allow", "Action": "sqs:*", "Resource": "*"},
                },
                "Roles": [{"Ref": "Role"}],
            },
        },
        "Handle": {"Type": "AWS::CloudFormation::WaitConditionHandle"},
        "Nested": {
            "Type": "AWS::CloudFormation::Stack",
            "Properties": {"TemplateURL": "nested.yaml", "Parameters": {"P": "x"}},
        },
    },
    "Outputs": {
        "Arn": {"Value": {"Fn::GetAtt": ["Fn", "Arn"]}, "Export": {"Name": "x"}},
        "First": {"Value": {"Fn::Select": [0, {"Fn::Split": [",", "a,b"]}]}},
    },
}
SMALL: Json = {
    "Resources": {
        **{
            name: BROAD["Resources"][name]
            for name in ("Role", "Inline", "Second", "Table", "Topic", "Queue", "Dead")
        },
    },
    "Conditions": BROAD["Conditions"],
    "Parameters": BROAD["Parameters"],
}
FILES = {
    "fn/app.py": "import os\ndef handler(event, context):\n    return event\n",
    "layer/python/shared.py": "VALUE = 7\n",
    "flow.asl.json": json.dumps(
        {
            "StartAt": "T",
            "States": {"T": {"Type": "Task", "Resource": "${Fn}", "TimeoutSeconds": 30, "End": True}},
        }
    ),
    "nested.yaml": "Parameters: {P: {Type: String}}\nResources: {T: {Type: AWS::SNS::Topic}}\n",
}


def write_files(folder: Path) -> None:
    """Create the files that the templates reference."""
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")


def mutants(seed: int, count: int) -> Iterator[str]:
    """Templates as text: mutants of the data, as YAML in both styles, and of the text."""
    shipped = [ROOT / "lambdas/template.yaml", ROOT / "examples/orders/template.yaml"]
    texts = [path.read_text(encoding="utf-8") for path in shipped]
    bases = [BROAD, SMALL, *(read_yaml(text) for text in texts)]
    files = [written(BROAD, 4), written(SMALL, 4), *texts]
    mutator = Mutator(seed, sorted({word for base in bases for word in words_of(base)}))
    for number in range(count):
        index = number % 5 % 4  # the broad template is chosen twice as often
        if number % 6 == 5:
            yield mutator.text_mutant(files[index])
        else:
            yield written(mutator.mutant(bases[index], most=1 + number % 2), levels=number % 5)
