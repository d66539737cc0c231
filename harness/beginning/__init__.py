"""A project's first files: settings, the schema for editors, a first scenario, and a small example."""
