"""The gate before a deployment: may this commit be deployed on what is running now?

finding   rules with ids, and findings of them
base      another commit of the project, as files in a folder of its own
measures  what a scenario did, in numbers
updates   what does not hold while the base is updated to what is here
behaviour the changes of these numbers, and of the distance to AWS's limits
"""
