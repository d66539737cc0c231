"""The parser: converts a definition's text to a tree, or lists all its problems. This package does not depend
on executions.

`machine.parse` decodes the JSON. `states.WorkflowParser` builds the states and reports schema errors.
`transitions` checks the whole machine.
"""
