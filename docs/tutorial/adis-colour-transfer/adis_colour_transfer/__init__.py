"""A method for adis-bench that lives in a package of its own."""
