"""Definition text -> tree, or every problem at once. Knows nothing of executions.

`machine.parse` reads the JSON, `states.WorkflowParser` builds the states and notes what does not fit the
schema, `transitions` looks at the machine as a whole.
"""
