"""The command line; nothing imports it, and its modules import what is heavy inside the commands."""
