"""What people say: rankings of methods by workers, checked, and the statistics of them."""
