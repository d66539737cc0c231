"""The gate before a deployment: may this commit be deployed on what is running now?

finding   rules with ids, and findings of them
base      another commit of the project, as files in a folder of its own

resolved, resolving, standins   the resources of a project's stacks with all of their values
variants, relevance             the same with other values of the parameters that a change depends on
comparing, causes               what changes between two sides, and where that was changed
data_loss, protection, stateful what a deployment would take away
access, access_rules            what it would let in:
    granted_roles, lost_access      what roles can do, and cannot any more
    open_resources, open_settings   who can use resources
    grants, statements, audience    policies, and their parts
"""
