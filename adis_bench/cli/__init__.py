"""The command line; others use its options only. Its modules import what is heavy inside the commands."""
