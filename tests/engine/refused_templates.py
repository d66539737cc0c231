"""Templates and parameters that CloudFormation rejects, with its messages."""

from __future__ import annotations

from typing import NamedTuple


class Refused(NamedTuple):
    """A template, its parameters, the message, and the line and column of the error."""

    text: str
    says: str
    place: str
    parameters: dict[str, str]


def refused(text: str, says: str, place: str = "1:1", **parameters: str) -> Refused:
    return Refused(text, says, place, parameters)


TOPIC = "Resources:\n  T: {Type: AWS::SNS::Topic}\n"
QUEUE = "Resources:\n  Q:\n    Type: AWS::SQS::Queue\n    Properties:\n"


def parameter(entry: str) -> str:
    return f"Parameters:\n  P: {entry}\n{TOPIC}"


REFUSED = {
    "null": refused(
        f"{QUEUE}      QueueName:\n",
        "[/Resources/Q/Properties/QueueName] 'null' values are not allowed in templates",
        "5:7",
    ),
    "null in an output": refused(
        f"{TOPIC}Outputs: {{O: {{Value: ~}}}}\n", "[/Outputs/O/Value] 'null' values", "3:15"
    ),
    "no Type": refused(
        "Resources:\n  T: {Properties: {}}\n", "Every Resources object must contain a Type", "2:3"
    ),
    "no object": refused("Resources:\n  T: 1\n", "[/Resources/T] resource definition is malformed", "2:3"),
    "unknown section": refused(
        f"Resource: {{}}\n{TOPIC}", "Invalid template property or properties [Resource]"
    ),
    "unknown attribute of a resource": refused(
        "Resources:\n  T: {Type: AWS::SNS::Topic, DependOn: X}\n",
        "Invalid template resource property 'DependOn'",
        "2:30",
    ),
    "undeclared Ref": refused(
        f"{QUEUE}      QueueName: !Ref Nope\n",
        "Template format error: Unresolved resource dependencies [Nope] in the Resources block of "
        "the template",
        "5:7",
    ),
    "undeclared Ref in an output": refused(
        f"{TOPIC}Outputs:\n  O: {{Value: !Ref Nope}}\n",
        "Template format error: Unresolved resource dependencies [Nope] in the Outputs block of the template",
        "4:7",
    ),
    "undeclared DependsOn": refused(
        "Resources:\n  T: {Type: AWS::SNS::Topic, DependsOn: Nope}\n",
        "Unresolved resource dependencies [Nope] in the Resources block",
        "2:30",
    ),
    "undeclared GetAtt": refused(
        f"{QUEUE}      QueueName: !GetAtt Nope.Name\n",
        "Template error: instance of Fn::GetAtt references undefined resource Nope",
        "5:7",
    ),
    "undeclared variable": refused(
        f'{QUEUE}      QueueName: !Sub "a-${{Nope}}"\n', "Unresolved resource dependencies [Nope]", "5:7"
    ),
    "undeclared attribute of a variable": refused(
        f'{QUEUE}      QueueName: !Sub "a-${{Nope.Arn}}"\n',
        "Template error: instance of Fn::Sub references invalid resource attribute Nope.Arn",
        "5:7",
    ),
    "variable with a hyphen": refused(
        f'{QUEUE}      QueueName: !Sub "${{a-b}}"\n',
        "variable names in Fn::Sub syntax must contain only alphanumeric characters",
        "5:7",
    ),
    "undeclared condition": refused(
        "Resources:\n  T: {Type: AWS::SNS::Topic, Condition: Nope}\n",
        "Template format error: Unresolved condition dependency Nope in the Resources block of the template",
        "2:30",
    ),
    "undeclared condition of Fn::If": refused(
        f"{QUEUE}      QueueName: !If [Nope, a, b]\n", "unresolved condition dependency Nope in Fn::If", "5:7"
    ),
    "a resource in a condition": refused(
        f"Conditions:\n  C: !Equals [!Ref T, x]\n{TOPIC}",
        "Cannot reference resources in the Conditions block of the template",
        "2:15",
    ),
    "no such function": refused(
        f"{QUEUE}      QueueName: !FindInMapp [M, a, b]\n",
        "Template error: Encountered unsupported function: Fn::FindInMapp Supported functions are: "
        "[Fn::Base64, ",
        "5:7",
    ),
    "Fn::X": refused(
        f"{QUEUE}      QueueName: {{Fn::X: a}}\n", "unsupported function: Fn::X Supported", "5:19"
    ),
    "Fn::Equals as a value": refused(
        f"{QUEUE}      QueueName: !Equals [a, b]\n",
        "Template error: Fn::Equals is not allowed as a value",
        "5:7",
    ),
    "a function with another key": refused(
        f"{QUEUE}      QueueName: {{Fn::Sub: a, Other: b}}\n",
        "Fn::Sub must be the only key of its object; other keys: Other",
        "5:19",
    ),
    "Ref of a list": refused(
        f"{QUEUE}      QueueName: !Ref [a]\n", "every Ref object must have a single String value", "5:7"
    ),
    "Fn::Length without the transform": refused(
        f"{QUEUE}      DelaySeconds: !Length [1]\n", "unsupported function: Fn::Length Supported", "5:7"
    ),
    "Fn::ForEach without the transform": refused(
        "Resources:\n  Fn::ForEach::T: [N, [a], {T: {Type: AWS::SNS::Topic}}]\n",
        "Fn::ForEach::T needs `Transform: AWS::LanguageExtensions`",
        "2:3",
    ),
    "circle of references": refused(
        "Resources:\n"
        "  A: {Type: AWS::SNS::Topic, Properties: {DisplayName: !Ref B}}\n"
        "  B: {Type: AWS::SNS::Topic, Properties: {DisplayName: !Sub '${A.TopicName}'}}\n"
        "  C: {Type: AWS::SNS::Topic, DependsOn: A}\n",
        "Circular dependency between resources: [A, B]",
        "2:3",
    ),
    "circle of DependsOn": refused(
        "Resources:\n  A: {Type: AWS::SNS::Topic, DependsOn: B}\n  B: "
        "{Type: AWS::SNS::Topic, DependsOn: [A]}\n",
        "Circular dependency between resources: [A, B]",
        "2:3",
    ),
    "no such mapping": refused(
        f"{QUEUE}      QueueName: !FindInMap [M, a, b]\n",
        "Template error: Mapping named 'M' is not present in the 'Mappings' section of template.",
        "5:7",
    ),
    "no such key in a mapping": refused(
        f"Mappings: {{M: {{a: {{c: d}}}}}}\n{QUEUE}      QueueName: !FindInMap [M, a, b]\n",
        "Template error: Unable to get mapping for M::a::b",
        "6:7",
    ),
    "Fn::Select beyond the list": refused(
        f"{QUEUE}      QueueName: !Select [2, [a, b]]\n",
        "Template error: Fn::Select requires a list argument with two elements: an integer index and a list",
        "5:7",
    ),
    "Fn::Select of no number": refused(
        f"{QUEUE}      QueueName: !Select [x, [a, b]]\n",
        "Template error: Fn::Select requires a list argument with two elements: an integer index and a list",
        "5:7",
    ),
    "Fn::Select beyond a list that is worked out": refused(
        f"{QUEUE}      QueueName: !Select [2, !Split ['-', a-b]]\n",
        "Template error: Fn::Select cannot select nonexistent value at index 2",
        "5:7",
    ),
    "a policy that there is not": refused(
        "Resources:\n  T:\n    Type: AWS::SNS::Topic\n    DeletionPolicy: Keep\n",
        "Template format error: Unrecognized DeletionPolicy Keep for resource T; use one of Delete, Retain",
        "4:5",
    ),
    "a snapshot of what has none": refused(
        "Resources:\n  T:\n    Type: AWS::SNS::Topic\n    UpdateReplacePolicy: Snapshot\n",
        "Template error: resource type AWS::SNS::Topic does not support update replace policy Snapshot",
        "4:5",
    ),
    "Fn::Join of a text": refused(
        f"{QUEUE}      QueueName: !Join ['', a]\n", "every Fn::Join object requires two parameters", "5:7"
    ),
    "Fn::Split of a list": refused(
        f"{QUEUE}      QueueName: !Select [0, !Split ['', [a]]]\n", "every Fn::Split object requires", "5:30"
    ),
    "Fn::If of two": refused(
        f"Conditions: {{C: !Equals [a, b]}}\n{QUEUE}      QueueName: !If [C, b]\n",
        "Fn::If requires a list argument with three arguments",
        "6:7",
    ),
    "a SAM function without a handler": refused(
        "Transform: AWS::Serverless-2016-10-31\nResources:\n"
        "  F: {Type: AWS::Serverless::Function, Properties: {InlineCode: a, Runtime: python3.13}}\n",
        "Resource with id [F] is invalid. Runtime and Handler needs to be present",
        "3:40",
    ),
    "macro": refused(
        f"Transform: [MyMacro]\n{TOPIC}", "Transform: MyMacro is a macro, which is not supported"
    ),
    "Fn::Transform": refused(
        f"{QUEUE}      QueueName: {{Fn::Transform: {{Name: Upper, Parameters: {{a: b}}}}}}\n",
        "Fn::Transform of Upper is not served here",
        "5:19",
    ),
    "AWS::Include": refused(
        "Resources:\n  Fn::Transform: {Name: AWS::Include, Parameters: {Location: ./x.yaml}}\n",
        "Transform AWS::Include failed with: ./x.yaml",
        "2:3",
    ),
    "a loop over what is not known": refused(
        f"Transform: AWS::LanguageExtensions\n{TOPIC}"
        "  Fn::ForEach::X: [N, !GetAtt T.TopicName, {'${N}': {Type: AWS::SNS::Topic}}]\n",
        "Fn::ForEach::X could not be resolved",
        "4:23",
    ),
    "no value for a parameter": refused(
        parameter("{Type: String}"), "Parameters: [P] must have values", "2:3"
    ),
    "a parameter that is not declared": refused(
        TOPIC, "Parameters: [Nope] do not exist in the template", Nope="1"
    ),
    "type of a parameter": refused(
        parameter("{Type: Strin, Default: a}"), "Unrecognized parameter type: Strin", "2:7"
    ),
    "a default that is a list": refused(
        parameter("{Type: CommaDelimitedList, Default: [a]}"), "Every Default member must be a string", "2:33"
    ),
    "a name that another has": refused(
        f"{QUEUE}      QueueName: q\n  R: {{Type: AWS::SQS::Queue, Properties: {{QueueName: q}}}}\n",
        "Resource of type 'AWS::SQS::Queue' with identifier 'q' already exists: Q has the name",
        "6:43",
    ),
    "AllowedValues": refused(
        parameter("{Type: String, AllowedValues: [a, true]}"),
        "Parameter 'P' must be one of AllowedValues",
        "2:3",
        P="b",
    ),
    "AllowedValues of a default": refused(
        parameter("{Type: String, AllowedValues: [a], Default: b}"), "must be one of AllowedValues", "2:3"
    ),
    "AllowedPattern": refused(
        parameter("{Type: String, AllowedPattern: '[a-z]+'}"),
        "Parameter 'P' must match pattern [a-z]+",
        "2:3",
        P="ab1",
    ),
    "ConstraintDescription": refused(
        parameter("{Type: String, AllowedPattern: '[a-z]+', ConstraintDescription: letters}"),
        "Parameter P failed to satisfy constraint: letters",
        "2:3",
        P="1",
    ),
    "MinLength": refused(
        parameter("{Type: String, MinLength: 3}"),
        "Parameter 'P' must contain at least 3 characters",
        "2:3",
        P="ab",
    ),
    "MaxLength": refused(
        parameter("{Type: String, MaxLength: '3'}"),
        "Parameter 'P' must contain at most 3 characters",
        "2:3",
        P="abcd",
    ),
    "MinValue": refused(
        parameter("{Type: Number, MinValue: 3}"),
        "Parameter 'P' must be a number not less than 3",
        "2:3",
        P="2",
    ),
    "MaxValue": refused(
        parameter("{Type: Number, MaxValue: 3.5}"),
        "Parameter 'P' must be a number not greater than 3.5",
        "2:3",
        P="4",
    ),
    "Number": refused(parameter("{Type: Number}"), "Parameter 'P' must be a number", "2:3", P="x"),
    "List<Number>": refused(
        parameter("{Type: List<Number>}"), "Parameter 'P' must be a number", "2:3", P="1,x"
    ),
    "secret": refused(
        parameter("{Type: String, NoEcho: true, MinLength: 30}"),
        "Parameter 'P' must contain at least 30 characters",
        "2:3",
        P="hidden",
    ),
}
