"""Stack resources: the harness's own, moto's, and stand-ins for all others.

`registry` lists the types that this package creates or adapts. `of_moto` wraps moto's classes.
`not_served` handles the types that are not created. `effects` lists the properties that take effect
on AWS but not in the engine. `types` finds the class of a type.
"""
