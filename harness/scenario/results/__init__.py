"""Task results based on AWS API models: the model for a result, validation, and samples."""
