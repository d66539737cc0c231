"""Stack resources: the harness's own, moto's, and stand-ins for all others.

`registry` lists the types that this package implements or adapts. `of_moto` wraps moto's classes.
`not_served` handles types that the engine does not create. `effects` lists the properties that have an effect
on AWS but not in the engine. `types` finds the class of a type.
"""
