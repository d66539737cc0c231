"""Function errors. Lambda passes the class name to the state machine as the error name."""


class Transient(Exception):
    """A temporary error from AWS (throttling, a 5xx response, a broken connection): retried."""


class MoreKeys(Exception):
    """A bucket takes longer than one invocation: the next one continues from here."""


class RoleNotReady(Exception):
    """Step Functions cannot assume the report machine's role yet: retried for up to two minutes."""


class BadInput(Exception):
    """The orchestrator's input is invalid; nothing was created."""


class TooManyBuckets(Exception):
    """There are too many buckets for a report; nothing was created."""


class MachinesNotMade(Exception):
    """Not all machines of a report could be created: the message names the created ones. None was started."""


class MachinesNotDeleted(Exception):
    """Some machines were not deleted after the report was sent; the message names them."""


class ExecutionNotStarted(Exception):
    """The report machine was created, but its execution could not be started."""


class ReportOverdue(Exception):
    """The report's execution is reported as running beyond its time limit: the orchestrator stops waiting."""
