"""The appendix's counts: as printed, in agreement with each other where protocol says so, and with the package's list of videos."""

import csv
from importlib.resources import files

import pytest

from adis_bench.datasets.published_counts import QUANTITIES, published_counts


def _number(digits):
    return float(digits.removesuffix(" %").replace(",", ""))


def test_into_the_wild_is_consistent():
    """454,560 = 8 x 56,820, 20 % of 56,820 are 11,364, and 56,820 x 3 s are 47.35 h."""
    counts = {key: _number(digits) for key, digits in published_counts("into_the_wild").counts.items()}
    assert counts["images"] == 8 * counts["audios"] == 454_560
    assert counts["test_audios"] == counts["test_share"] / 100 * counts["audios"] == 11_364
    assert counts["hours"] == pytest.approx(counts["audios"] * 3 / 3600, abs=0.005)


def test_the_contradiction_is_the_lists():
    """The durations of the package's 94 videos sum to 3,028 minutes, 60,560 pieces of 3 s: the appendix has 6.2 % fewer audios."""
    with (files("adis_bench") / "datasets" / "into_the_wild" / "videos.csv").open(encoding="utf-8", newline="") as stream:
        minutes = [float(row["minutes"]) for row in csv.DictReader(stream)]
    published = published_counts("into_the_wild")
    assert (len(minutes), sum(minutes), sum(minutes) * 20) == (94, 3028, 60_560)
    assert round(100 * (1 - 56_820 / 60_560), 1) == 6.2
    assert any(all(digits in remark.text for digits in ("3,028", "50.47", "60,560", "6.2 %")) for remark in published.remarks)


def test_greatest_hits_is_consistent():
    """32,172 = 4 x 8,043; 15 % of the audios are no whole number."""
    published = published_counts("greatest_hits")
    counts = {key: _number(digits) for key, digits in published.counts.items()}
    assert counts["images"] == 4 * counts["audios"] == 32_172
    assert 0.15 * counts["audios"] == pytest.approx(1206.45)
    assert any("2,465" in remark.text and "7,334" in remark.text for remark in published.remarks)


def test_all_have_words_and_sources():
    """Every count has its words, every remark its source; other datasets have none."""
    for kind in ("into_the_wild", "greatest_hits"):
        published = published_counts(kind)
        assert set(published.counts) <= set(QUANTITIES)
        assert all(remark.source for remark in published.remarks)
    assert published_counts("videos") is None
