"""The commands that the reports bring to `adis-bench`."""
