"""The process of the Lambda service: `runtime` invokes functions, `accounts` separates the accounts."""
