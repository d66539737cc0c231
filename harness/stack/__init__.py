"""Packages a template and deploys it as a stack."""
