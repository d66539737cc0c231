"""JSONPath, compatible with the Java library Jayway JsonPath: paths, filters and functions."""
