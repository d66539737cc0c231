"""The process of the Lambda service: `runtime` invokes functions, and `accounts` separates the accounts."""
