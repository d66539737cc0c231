"""The gate before a deployment: may this commit be deployed on what is running now?

finding   rules with ids, and findings of them
base      another commit of the project, as files in a folder of its own
"""
