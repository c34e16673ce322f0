"""The figures of a run for papers and for the report's page: a module for each kind, ``catalogue`` lists them."""
