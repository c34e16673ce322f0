"""The commands that the reference model brings to `adis-bench`."""
