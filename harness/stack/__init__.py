"""Template -> zip, CloudFormation -> deployed stack."""
