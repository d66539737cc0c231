"""A role in a template, in YAML, that state machines and functions may have, and that may call functions."""

from __future__ import annotations

ROLE = """\
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: {Service: [states.amazonaws.com, lambda.amazonaws.com]}
            Action: "sts:AssumeRole"
      Policies:
        - PolicyName: all
          PolicyDocument:
            Version: "2012-10-17"
            Statement: [{Effect: Allow, Action: ["lambda:*", "logs:*"], Resource: "*"}]
"""
