"""Parser: definition text -> tree, or a list of all problems. It does not use executions.

`machine.parse` reads the JSON. `states.WorkflowParser` builds the states and reports schema errors.
`transitions` checks the whole machine.
"""
