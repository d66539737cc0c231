"""An implementation of DynamoDB that responds as AWS does.

This package validates requests and stores items itself, without moto. moto stores the tables themselves
(for stacks, backups, policies and event source mappings). Each of its tables has an `Items` object. A
request is fully validated before anything changes.
"""
