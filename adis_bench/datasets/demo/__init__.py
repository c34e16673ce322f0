"""The demo world: a seeded generator of scenes with sound, in which the exact answer to every pair exists."""
