"""What a study may be asked to be."""

from dataclasses import replace

import pytest

from adis_bench.errors import ConfigError
from adis_bench.study.prepare_options import PrepareOptions
from adis_bench.study.records import ScreeningRules
from adis_bench.study.texts import CONTACT_MISSING, MAX_CHARACTERS, study_texts

GOOD = PrepareOptions(("ours", "cut"), study_texts(2, False))


def test_defaults_are_the_papers_sizes():
    """1,000 samples and 20 workers, who all rank everything: 50 gold items and 50 repeats beside."""
    GOOD.check()
    assert (GOOD.n_samples, GOOD.raters, GOOD.n_gold, GOOD.n_repeats) == (1000, 20, 50, 50)
    assert replace(GOOD, reading="shared").raters == 1


def test_shares_are_rounded_and_never_vanish():
    """2.5 % of 100 are 3 (halves up), 1 % of 10 is 1, and nothing is nothing."""
    assert replace(GOOD, n_samples=100, gold_rate=0.025).n_gold == 3
    assert replace(GOOD, n_samples=10, repeat_rate=0.01).n_repeats == 1
    assert replace(GOOD, gold_rate=0.0).n_gold == 0


def test_gold_items_are_enough_to_be_judged_by():
    """By default a worker meets four, where half as many as the samples are enough for that; whoever sets a rate gets that rate."""
    assert [replace(GOOD, n_samples=n).n_gold for n in (8, 20, 80, 100)] == [4, 4, 4, 5]
    assert replace(GOOD, n_samples=7).n_gold == 1
    shared = replace(GOOD, reading="shared", n_workers=5)
    assert [replace(shared, n_samples=n).n_gold for n in (39, 40, 100, 250)] == [4, 20, 20, 25]
    assert replace(GOOD, n_samples=20, gold_rate=0.05).n_gold == 1
    assert replace(GOOD, n_samples=20, rules=ScreeningRules(min_gold=None)).n_gold == 1
    assert replace(GOOD, n_samples=20, rules=ScreeningRules(min_gold_items=6)).n_gold == 6


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"methods": ("ours",)}, "must name 2 to 8 methods"),
        ({"methods": tuple("abcdefghi")}, "not 9: more images don't fit on a page"),
        ({"methods": ("ours", "ours", "cut")}, "names ours 2 times"),
        ({"n_samples": 0}, "--samples must be from 1"),
        ({"n_workers": -3}, "--workers must be from 1"),
        ({"gold_rate": 0.6}, "--gold-rate must be from 0 to 0.5, not 0.6"),
        ({"repeat_rate": float("nan")}, "--repeat-rate must be from 0 to 0.5, not nan"),
        ({"reward": 0.005}, "whole cents"),
        ({"reward": -1.0}, "--reward must be from 0"),
        ({"seconds_per_item": 0.0}, "--seconds-per-item must be from 1"),
        ({"rules": ScreeningRules(min_gold=1.5)}, "--min-gold must be off or from 0 to 1, not 1.5"),
        ({"rules": ScreeningRules(min_agreement=float("nan"))}, "--min-agreement must be off"),
    ],
)
def test_wrong_values_are_told(change: dict[str, object], words: str):
    """One line with the option and what it may be."""
    with pytest.raises(ConfigError) as caught:
        replace(GOOD, **change).check()  # type: ignore[arg-type]
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/",
        "https://example.org/s",
        "https:///s/",
        "https://me:pw@example.org/",
        "https://example.org/?a=/",
        "https://example.org/#/",
        'https://example.org/"><script>/',
        "https://example.org/${x}/",
        "https://example.org/a b/",
        "https://example.org:99999/",
        "https://[/",
        "=https://example.org/",
        "https://ex\u0430mple.org/",
    ],
)
def test_addresses_that_cannot_stand_on_a_page(url: str):
    """Only plain https addresses of folders."""
    with pytest.raises(ConfigError, match="--asset-url must be"):
        replace(GOOD, asset_url=url).check()


@pytest.mark.parametrize("url", ["https://example.org/", "https://bucket.s3.amazonaws.com/a/b_c-1/", "https://example.org:8443/~me/%20/"])
def test_addresses_that_can(url: str):
    """Hosts, ports, folders, escapes."""
    replace(GOOD, asset_url=url).check()


def test_our_texts_say_what_they_must():
    """Recorded data, free will, stopping, withdrawal, and the contact, or that it is missing."""
    consent = study_texts(4, False, contact="Lab, lab@example.org").consent
    for words in ("We record", "voluntary", "stop at any time", "deleted", "Lab, lab@example.org"):
        assert words in consent
    assert CONTACT_MISSING not in consent
    assert CONTACT_MISSING in study_texts(4, False).consent


def test_instructions_tell_the_tie_rule():
    """The number of images, and whether they may share a rank."""
    assert "The 4 images" in study_texts(4, False).instructions
    assert "each rank is given once" in study_texts(4, False).instructions
    assert "the same rank" in study_texts(4, True).instructions


def test_own_texts_stand_as_they_are():
    """Line ends are made one kind, nothing else changes."""
    assert study_texts(4, False, consent="One.\r\n\r\nTwo <b>&.\n").consent == "One.\n\nTwo <b>&."


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"title": "two\nlines"}, "--title has 2 lines"),
        ({"consent": "x" * (MAX_CHARACTERS + 1)}, "--consent has 8,001 characters"),
        ({"question": "what is ${item_id}?"}, "takes for a placeholder"),
        ({"instructions": "a\x1b[31mb"}, "--instructions has 1 control characters"),
    ],
)
def test_texts_that_no_page_can_hold(given: dict[str, str], words: str):
    """One line with the option."""
    with pytest.raises(ConfigError) as caught:
        study_texts(4, False, **given)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)
