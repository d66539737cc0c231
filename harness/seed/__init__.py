"""Buckets and objects, before anything is deployed: `buckets.seed`."""
