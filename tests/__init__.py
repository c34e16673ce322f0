"""Tests of adis-bench; a package, since others (torch-fidelity) install a `tests` of their own."""
