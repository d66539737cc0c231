"""The gate before a deployment: may this commit be deployed on what is running now?

Parts find, one after another; a judge gives each finding its level; formats show what was found.

finding, judged    rules with ids, findings of them, and the level that settings give a finding
base, worktree     another commit of the project, as files in a folder of its own; what is not committed
deployed           the settings and definitions of base and head
part, parts        a part and what it is given; all parts in their order
running, budget    runs parts one after another, as far as the time goes
checking, playing, sweeping, accepting    the parts
summary, screen, formats, graph, root     all that is said in the end
"""
