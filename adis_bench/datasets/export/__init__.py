"""A dataset for other programs: WebDataset shards, or the folder that the paper's code trains on."""
