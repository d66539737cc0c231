"""Checks templates with cfn-lint, in a process of its own, and remembers what it found.

rules        which of cfn-lint's rules are errors: those that AWS enforces when a stack is made
model        findings, as the process writes them and the cache keeps them
check        starts the check of a template, waits for it, and refuses the template
remembered   findings by content, in the user's cache
__main__     the process: reads a template, runs cfn-lint, prints findings
packaged     the template as `aws cloudformation package` leaves it
bounds       limits of botocore's models where they are wider than cfn-lint's
wording      findings in plain English, with remedies
"""
