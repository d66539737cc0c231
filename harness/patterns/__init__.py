"""Regular expressions whose cost is bounded, for definitions and for expectations."""
