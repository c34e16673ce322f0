"""Datasets: records, media, importers, splits and pairs."""

from adis_bench.datasets.records import Dataset, Pair, Segment

__all__ = ["Dataset", "Pair", "Segment"]
