"""A deployment at every event in a scenario's runs, from another commit's stack to the current one.

    points      finds every event in the histories of the run on the old stack
    play        a trial (an event, possibly a later one) -> the scenario, with an update, and a rollback
    access      checks calls before an update against the old policies, later calls against the new ones
    judge       compares the end of a trial with the ends of the runs on either stack alone
    sweep       all trials, one after another or in several processes
    show        the table, the violations with the command that runs each again, JSON

On AWS, a running execution keeps its definition and its role. If it calls functions by an unqualified ARN, it
gets the new versions from the next invocation on. New executions have the new definition. Which versions run
together depends only on the order of events. Time is virtual, so every order can be tried.
"""
