"""JSONata, compatible with jsonata-js 2.0.6: expressions, the engine and the functions that AWS adds."""
