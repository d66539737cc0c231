"""A deployment at every event of a scenario's runs: the stack of another commit, updated to this one's.

    points      the run on the old stack -> every event of its histories
    play        a trial (an event, perhaps a later one) -> the scenario, with an update, and a rollback
    access      calls before an update are allowed by the old policies, calls after it by the new
    judge       the end of a trial, compared with the ends on either stack alone
    sweep       all trials, one after another or in several processes
    show        the table, the violations with the command that plays each again, JSON

On AWS an execution that runs keeps its definition and its role. Functions that it calls by an ARN without
version or alias are the new ones from the next invocation on, and executions that are started have the new
definition. Only the order of events decides what meets what; time is virtual, so every order is played.
"""
