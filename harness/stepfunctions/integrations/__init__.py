"""Service integrations in Step Functions: the Resources that a Task can name, and their parameters.

`optimized` lists AWS's optimized integrations, and `sdk` lists the services behind `aws-sdk`. `fields`
compares parameters with botocore's models. `catalog` combines them for the definition parser.
"""
