"""Task results according to AWS's API models: the model of a result, its validation, and samples."""
