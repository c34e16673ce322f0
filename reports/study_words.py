"""How the numbers of a study's report are computed, with sources, and what they don't say."""

from collections.abc import Iterator
from dataclasses import dataclass

from adis_bench.study.results import StudyResults
from reports.study_findings import RELIABLE_ALPHA, TENTATIVE_ALPHA, why


@dataclass(frozen=True, slots=True)
class Entry:
    """How one number is computed, and where that comes from."""

    name: str
    text: str
    source: str


def computed(results: StudyResults) -> tuple[Entry, ...]:
    """An entry for everything on the page."""
    return tuple([*_scores(results), *_orders(results), *_agreement(results)])


def _scores(results: StudyResults) -> Iterator[Entry]:
    k = len(results.methods)
    yield Entry(
        "Mean points",
        f"{k} points for rank 1 down to 1 for rank {k}; equal ranks share the mean of the places they take, so that every ranking gives "
        f"{k * (k + 1) // 2} points. Means are over rankings.",
        "the paper's appendix A.3 (4 to 1 for four methods); shared places are ours, the paper has no rule for ties",
    )
    yield Entry(
        "Intervals",
        "95 %, for new workers and new items at once: crossed random effects of worker and item, variances by the method of moments, "
        "Student's t with Satterthwaite's degrees of freedom; cut at the ends of the scale.",
        "Gao & Owen 2017, Electron. J. Stat. 11:1235; Owen 2007, Ann. Appl. Stat. 1:386; Satterthwaite 1946, Biometrics Bull. 2:110",
    )
    yield Entry(
        "Differences",
        "Paired within each ranking, with the same interval and its t test. p values are corrected by Holm's method over all pairs of "
        "methods; the words on this page follow the corrected ones, intervals are of single differences. Where all rankings have one and "
        "the same difference, nothing scatters: there is no interval, and p is of a sign test over the fewer of workers and items.",
        "Holm 1979, Scand. J. Stat. 6:65",
    )


def _orders(results: StudyResults) -> Iterator[Entry]:
    yield Entry(
        "Friedman, Nemenyi, Conover",
        "Blocks are items, ranks averaged over workers first, so each item counts once however many people saw it. They ask about new "
        "items only: workers are taken as they are. Nemenyi's critical difference is for all pairs at 5 %; it ignores ties, which makes "
        "it careful. Conover's p values are corrected by Holm.",
        "Friedman 1937, J. Am. Stat. Assoc. 32:675; Demsar 2006, J. Mach. Learn. Res. 7:1; Conover 1999, Practical Nonparametric "
        "Statistics, 3rd ed., 5.8",
    )
    yield Entry(
        "Plackett-Luce",
        "A ranking is made by choosing the best, then the best of the rest; strengths are those that make the rankings most likely. "
        f"Ties: {why(results.plackett_luce.ties)}. Intervals allow for rankings that share workers and items.",
        "Plackett 1975, Appl. Stat. 24:193; Luce 1959, Individual Choice Behavior; Hunter 2004, Ann. Stat. 32:384",
    )
    yield Entry(
        "Places",
        "As many workers and, independently, as many items as there are, drawn with replacement. Where few people saw the same item this "
        "spreads more than the means do, so the shares are on the careful side.",
        "Owen 2007, Ann. Appl. Stat. 1:386 (pigeonhole bootstrap)",
    )
    if results.metrics:
        yield Entry(
            "Metrics against people",
            "Per item: mean points against the metric's scores of the same outputs, averaged over items, with an interval for new items "
            "that takes the workers as they are. Over methods: mean points against the run's scores, with a bootstrap over items and "
            "workers; with a handful of methods it says little. No interval is corrected for the number of metrics.",
            "Kendall 1945, Biometrika 33:239 (tau-b); Deutsch, Dror, Roth 2021, TACL 9:1132",
        )


def _agreement(results: StudyResults) -> Iterator[Entry]:
    yield Entry(
        "Kendall's W",
        "Friedman's statistic on a scale of 0 to 1: whether the items order the methods alike. It is no agreement of raters, because "
        "they were averaged away first.",
        "Kendall & Babington Smith 1939, Ann. Math. Stat. 10:275",
    )
    yield Entry(
        "Krippendorff's alpha",
        f"Ordinal; units are the methods on an item, raters the workers. Its author calls {RELIABLE_ALPHA} reliable and "
        f"{TENTATIVE_ALPHA} enough for tentative conclusions about single units; a matter of taste seldom gets there.",
        "Krippendorff 2011, Computing Krippendorff's Alpha-Reliability; Content Analysis, 2nd ed. 2004, p. 241",
    )
    if results.self_agreement is not None:
        yield Entry(
            "Self-agreement",
            "Kendall's tau-b between two rankings of one item by one worker, the second on a page in another order; interval for new "
            "workers and items.",
            "Kendall 1945, Biometrika 33:239",
        )
    if results.screening is not None:
        yield Entry(
            "Screening",
            "A worker who breaks one rule loses all rankings. A rule that can't be asked of a worker leaves nobody out. Agreement with the "
            "others is measured with everybody in, bad workers too.",
            "the study file, written before the answers came",
        )


def unknown(results: StudyResults) -> tuple[str, ...]:
    """What nobody should read into this page."""
    return tuple(_unknown(results))


def _unknown(results: StudyResults) -> Iterator[str]:
    yield (
        "The intervals cover other workers like these and other pairs like these. Other people, other loudspeakers, another data set "
        "or another training of a method are not in them."
    )
    if not results.study:
        yield "The table came without its study: what people were asked, how the images were shown and who was left out is not known."
    elif results.screening is None:
        yield "No worker was screened here; careless ones, if there were any, are in the numbers."
    yield "Whether two workers are one person, and what they heard and saw on their devices, is not known."
    if results.classes:
        yield "Classes are compared without correction for their number: read a pattern, not a single cell."
    if results.metrics:
        yield "A metric that agrees with people here can still be fooled by methods that nobody has ranked."
    yield (
        "The paper reports mean scores of twenty workers without intervals, attention checks or a rule for ties, and its images are not "
        "these: its numbers and those of this page don't stand in one table."
    )
