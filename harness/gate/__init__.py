"""The gate before a deployment: decides whether a commit is safe to deploy over the running stacks.

Parts produce findings, one part after another. A judge assigns a level to each finding. Formats report them.

finding, judged    rules with IDs, their findings, and the level that the settings assign to a finding
base, worktree     another commit of the project, as files in a separate folder; uncommitted changes
changed_files      the files that differ from the base, each with its first changed line
deployed           the settings and definitions of base and head
part, parts        a part and its context; all parts in their order
running, budget    run parts one after another within the time budget

checking, playing, covering, sweeping, accepting   parts that look at one side only
compared           parts that compare the templates of two commits:
    resolved, resolving, standins   the resources in a project's stacks with all of their values
    variants, relevance             the same with other values for the parameters that a change depends on
    comparing, causes               the differences between two sides, and the place of each change
    data_loss, protection, stateful resources and data that a deployment would delete
    access, access_rules            permissions that it would grant:
        granted_roles, lost_access      permissions of roles, and permissions that they lose
        open_resources, open_settings   principals that can use resources
        grants, statements, audience    policies, and their parts
    declared, definitions           declared behaviour of machines and functions
under_way          parts that also run the base:
    behaviour, measures             amounts in scenarios that are higher or lower
summary, screen, formats, graph, root              the final report
"""
