"""Intervals and tests that respect which pairs share a photograph or a recording."""
