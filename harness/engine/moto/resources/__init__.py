"""Resources of stacks: those that are made here, those of moto's classes, and the stand-ins of the others.

`registry` lists the types that are made or changed here, `of_moto` wraps moto's classes; `not_served` has the
types that nobody makes, and `effects` the properties that change nothing here although they would on AWS.
`types` finds the class of a type.
"""
