"""What is looked at before anything of a study is written: pairs enough, sounds that can be heard, pages that can be sent."""

from collections.abc import Sequence

from adis_bench.datasets.description_text import number_of
from adis_bench.errors import ConfigError, DataError
from adis_bench.printable import printable
from adis_bench.progress import say
from adis_bench.study.layout import PlannedItem
from adis_bench.study.prepare_job import Job, Shown
from adis_bench.study.prepare_options import MOST_GOLD
from adis_bench.study.pseudonyms import SECRET_BYTES
from adis_bench.study.records import Study
from adis_bench.study.sound_check import check_sounds

_NO_SECRET = "0" * (2 * SECRET_BYTES)  # of a draft, which is measured and never written


def check(job: Job, shown: Shown) -> None:
    """Refuse what makes no study, and say what its maker should know.

    Raises:
        ConfigError: a page that Mechanical Turk would refuse.
        DataError: too few pairs, or a sound that can't be read.
    """
    _check_enough(job, shown)
    # A draft under any secret shows the same pairs on pages of the same size.
    draft = job.plan(shown, _NO_SECRET)
    if job.options.asset_url:
        _check_page(job.study(draft, _NO_SECRET))
    check_sounds(item.pair.sound for item in draft)
    _say_of_gold(job, draft)


def _check_enough(job: Job, shown: Shown) -> None:
    """Say how many pairs can't be shown.

    Raises:
        DataError: so many that fewer are left than asked for.
    """
    options, n_every, n = job.options, len(shown.every), len(shown.pairs)
    told = _told(shown.missing)
    if n < options.n_samples:
        because = f": of its {n_every} pairs {n_every - n} lack an output ({told})" if told else ""
        raise DataError(
            f"--samples {options.n_samples} are more than the {n} pairs of {printable(str(job.run_dir))} that can be shown{because}; "
            "ask for fewer"
        )
    n_lacking = n - len(shown.golden)
    if job.controls and len(shown.golden) < options.n_gold:
        raise DataError(
            f"{options.n_gold} gold items need as many pairs with outputs of {' and '.join(job.controls)}, and "
            f"{n_lacking} of {n} lack one ({_told(shown.missing_controls)}); lower --gold-rate, or run the same `adis-bench run` again"
        )
    if told:
        say(f"note: {n_every - n} of {n_every} pairs are not sampled, since they lack an output: {told}")
    if n_lacking:
        say(f"note: {n_lacking} of {n} pairs can't be gold items, since they lack an output: {_told(shown.missing_controls)}")


def _told(missing: dict[str, int]) -> str:
    return ", ".join(f"{printable(name)} {count}" for name, count in missing.items())


def _say_of_gold(job: Job, draft: Sequence[PlannedItem]) -> None:
    options = job.options
    ranked = {item.pair.pair_id for item in draft if item.key.kind == "rank"}
    n_known = sum(item.key.kind == "gold" and item.pair.pair_id in ranked for item in draft)
    if n_known:
        say(f"note: the run has no further pairs for {n_known} of {options.n_gold} gold items; they show pairs that are ranked as well")
    if 0 < options.n_gold < options.least_gold:
        rate = -(-100 * options.least_gold // options.n_samples) / 100
        met = number_of(options.n_gold // options.n_blocks, "gold item")
        say(
            f"note: a worker may meet only {met}, and the rule on them leaves nobody out below "
            f"{options.rules.min_gold_items}; "
            + (f"raise --gold-rate to {rate:g}" if rate <= MOST_GOLD else "give each worker more samples")
        )


def _check_page(study: Study) -> None:
    from adis_bench.study.mturk.question import question_xml

    item = study.items[0]
    try:
        question_xml(study, item, sandbox=True)
    except DataError as error:
        # All pages have one size; the draft's id would be looked for in vain.
        words = str(error).replace(f"the page of {item.item_id}", "the page of an item")
        raise ConfigError(f"{words}, or leave --asset-url out for a study on your own server") from error
