"""Step Functions as AWS serves it: the API on top of the interpreter."""
