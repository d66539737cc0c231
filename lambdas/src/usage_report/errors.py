"""The errors that functions raise: Lambda hands the class's name to the state machine as the error's name."""


class Transient(Exception):
    """AWS asked to come back later (throttling, a 5xx answer, a broken connection): retried."""


class MoreKeys(Exception):
    """A bucket takes longer than one invocation: the next one goes on where this one was."""


class RoleNotReady(Exception):
    """Step Functions cannot assume the report machine's role yet: retried for up to two minutes."""


class BadInput(Exception):
    """The orchestrator's input is not what it takes; nothing has been created."""


class TooManyBuckets(Exception):
    """A report cannot carry that many buckets; nothing has been created."""


class MachinesNotMade(Exception):
    """Not all machines of a report could be made: those that were are named, and none has been started."""


class MachinesNotDeleted(Exception):
    """Machines of a report that has been sent are left; they are named."""


class ExecutionNotStarted(Exception):
    """The report machine was made, and its execution could not be started."""


class ReportOverdue(Exception):
    """The report's execution is said to run beyond its time limit: nobody waits for it any more."""
