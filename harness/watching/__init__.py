"""Watches files, and forgets what this process knows of them."""
