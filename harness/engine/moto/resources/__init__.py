"""Resources of stacks that moto's CloudFormation does not make, makes wrongly, or only seems to make.

`registry` lists the types that are made here; `not_served` has the ones that nobody makes, and `effects` the
properties that change nothing here although they would on AWS. `creation` is where moto's CloudFormation asks
for all of them, and where a stack's list of resources says what is not served.
"""
