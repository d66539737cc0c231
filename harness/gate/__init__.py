"""The gate before a deployment: may this commit be deployed on what is running now?

Parts find, one after another; a judge gives each finding its level; formats show what was found.

finding, judged    rules with ids, findings of them, and the level that settings give a finding
base, worktree     another commit of the project, as files in a folder of its own; what is not committed
changed_files      the files that differ from the base, each with its first line that does
deployed           the settings and definitions of base and head
part, parts        a part and what it is given; all parts in their order
running, budget    runs parts one after another, as far as the time goes

checking, playing, covering, sweeping, accepting   parts that look at one side alone
compared           parts that hold the templates of two commits against each other:
    resolved, resolving, standins   the resources of a project's stacks with all of their values
    variants, relevance             the same with other values of the parameters that a change depends on
    comparing, causes               what changes between two sides, and where that was changed
    data_loss, protection, stateful what a deployment would take away
    access, access_rules            what it would let in:
        granted_roles, lost_access      what roles can do, and cannot any more
        open_resources, open_settings   who can use resources
        grants, statements, audience    policies, and their parts
    declared, definitions           what machines and functions are declared to do
under_way          parts that play the base, too:
    behaviour, measures             what scenarios take more or less of
summary, screen, formats, graph, root              all that is said in the end
"""
