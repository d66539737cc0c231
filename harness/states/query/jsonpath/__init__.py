"""JSONPath, as the Java library of Jayway has it: paths, filters and functions."""
