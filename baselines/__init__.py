"""Label-driven baselines on the reference model's trainer and networks."""
