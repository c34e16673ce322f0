"""What a sweep changes unless it is asked otherwise; apart from all else, so that the command line can show it without heavy imports."""

GAINS = "-30,-24,-18,-12,-6,0,6"
"""Decibels (ours): from a sound that is hardly heard to one a little louder than in training."""
WEIGHTS = "0,0.25,0.5,0.75,1"
"""Of the second sound (ours)."""
N_PAIRS = 24
"""Ours: a minute on two cores."""
