"""CloudFormation's language: templates are read, checked and evaluated, without AWS and without an engine."""
