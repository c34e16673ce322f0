"""Runs side by side: whether they may be compared, what differs, and whether it is a regression."""
