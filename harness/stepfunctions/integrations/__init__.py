"""Service integrations in Step Functions: the Resources that a Task can use, and their parameters.

`optimized` lists AWS's optimized integrations, and `sdk` lists the services that `aws-sdk` supports. `fields`
compares parameters with botocore's models. `catalog` combines them for the definition parser.
"""
