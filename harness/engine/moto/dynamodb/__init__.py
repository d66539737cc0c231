"""DynamoDB with AWS's responses: requests are validated, and items are stored, without moto.

moto stores the tables themselves (resources of stacks, backups, policies, event source mappings). Each of its
tables holds an `Items`. A whole request is validated before anything changes.
"""
