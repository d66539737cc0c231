"""Results of tasks as AWS's models describe them: which model a result has, its check, and samples of it."""
