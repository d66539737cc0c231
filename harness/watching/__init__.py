"""Watches files, and clears what this process has cached about them."""
