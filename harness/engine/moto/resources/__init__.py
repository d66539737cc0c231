"""Resources of stacks: the harness's own, moto's, and stand-ins for all others.

`registry` lists the types that this package creates or changes. `of_moto` wraps moto's classes. `not_served`
has the types that are not created. `effects` has the properties that take effect on AWS but not in the
engine. `types` finds the class of a type.
"""
