"""The 521 AudioSet classes that YAMNet scores."""

import csv
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType

N_CLASSES = 521


@cache
def class_names() -> tuple[str, ...]:
    """Display names in the order of the model's output.

    Source: ``yamnet_class_map.csv`` of tensorflow/models, research/audioset/yamnet, unchanged (Apache-2.0, The TensorFlow
    Authors; sha256 cdf24d193e196d9e95912a2667051ae203e92a2ba09449218ccb40ef787c6df2).
    """
    text = files("adis_bench.datasets.tagging").joinpath("yamnet_class_map.csv").read_text(encoding="utf-8")
    return tuple(row["display_name"] for row in csv.DictReader(text.splitlines()))


@cache
def class_index() -> Mapping[str, int]:
    """Place of every display name in the model's output."""
    return MappingProxyType({name: place for place, name in enumerate(class_names())})
