"""Metrics of the suite, one per file; pure functions of arrays underneath."""
