"""The first files of a project: settings, the schema for editors, a first scenario, and a small example."""
