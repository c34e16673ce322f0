"""Mechanical Turk through its API: HITs are made, looked after, fetched, paid and stopped."""
