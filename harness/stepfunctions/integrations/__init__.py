"""The integrations of Step Functions: what a Task's Resource may name, and the parameters that it takes.

`optimized` lists those that AWS has made itself, `sdk` the services behind `aws-sdk`. `fields` compares
parameters with botocore's models. `catalog` puts them together for the parser of definitions.
"""
