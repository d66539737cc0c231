"""The process that plays the Lambda service: `runtime` invokes, `accounts` keeps what was done for whom."""
