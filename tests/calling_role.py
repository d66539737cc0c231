"""A YAML role for state machines and functions that allows calling functions."""

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
