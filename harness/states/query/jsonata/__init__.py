"""JSONata, as jsonata-js 2.0.6 has it: expressions, their engine and the functions that AWS adds."""
