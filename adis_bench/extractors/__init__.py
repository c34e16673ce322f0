"""Frozen networks that turn images and sounds into embeddings, and the cache of what they gave."""
