"""Check templates with cfn-lint in a separate process, and cache the findings.

rules        the cfn-lint rules that count as errors: AWS enforces them when it creates a stack
model        findings, in the format that the process writes and the cache stores
check        starts the template check, waits for it, and rejects the template
remembered   findings by content, in the user's cache
__main__     the process: reads a template, runs cfn-lint, prints findings
packaged     the template in the form that `aws cloudformation package` creates
bounds       limits in botocore's models where they are wider than cfn-lint's
wording      findings in plain English, with remedies
"""
