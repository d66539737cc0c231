"""DynamoDB as AWS answers it: requests are checked, and items kept, without moto.

moto keeps the tables themselves (resources of stacks, backups, policies, event source mappings); each of its
tables holds an `Items`. A whole request is checked before anything changes.
"""
