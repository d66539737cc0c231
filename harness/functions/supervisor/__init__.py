"""The process between the host and the environments. `supervisor` is its main module."""
