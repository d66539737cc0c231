"""A deployment at every event in a scenario's runs, from another commit's stack to the current one.

    points      the run on the old stack -> every event in its histories
    play        a trial (an event, possibly a later one) -> the scenario, with an update, and a rollback
    access      calls before an update are allowed by the old policies, calls after it by the new ones
    judge       the end of a trial, compared with the ends on either stack alone
    sweep       all trials, one after another or in several processes
    show        the table, the violations with the command that runs each again, JSON

On AWS, a running execution keeps its definition and its role. Functions that it calls by an unqualified ARN
are the new ones from the next invocation on. New executions have the new definition. The order of events
alone determines which versions meet. Time is virtual, so every order is tried.
"""
