"""The results of a run: their records, and the one codec that writes and reads them."""

from adis_bench.results.codec import (
    PER_PAIR_COLUMNS,
    PER_PAIR_NAME,
    REPORT_NAME,
    RESULTS_NAME,
    SCHEMA_VERSION,
    read_results,
    write_results,
)
from adis_bench.results.numbers import ClassScore, Difference, PairScore, Score, SizeCurve
from adis_bench.results.records import (
    ClassPairs,
    DatasetRecord,
    ExtractorRecord,
    MethodRecord,
    MetricRecord,
    PairsRecord,
    Results,
)

__all__ = [
    "ClassPairs",
    "ClassScore",
    "DatasetRecord",
    "Difference",
    "ExtractorRecord",
    "MethodRecord",
    "MetricRecord",
    "PER_PAIR_COLUMNS",
    "PER_PAIR_NAME",
    "PairScore",
    "PairsRecord",
    "REPORT_NAME",
    "RESULTS_NAME",
    "Results",
    "SCHEMA_VERSION",
    "Score",
    "SizeCurve",
    "read_results",
    "write_results",
]
