"""All methods on the same pairs: values, reasons, differences, and the warning."""

import re
from pathlib import Path
from typing import get_args

import numpy as np
import pytest

from adis_bench import registry
from adis_bench.metrics.evaluate import ClassValue, evaluate
from adis_bench.metrics.fd import MIN_ROWS, FrechetDistance, FrechetDistanceByClass
from adis_bench.metrics.fid import FID, FIDByClass
from adis_bench.metrics.kid import KernelInceptionDistance
from adis_bench.metrics.label_similarity import LabelAccuracy, LabelSimilarity
from adis_bench.metrics.oracle_distance import OracleDistance
from adis_bench.metrics.protocol import Batch, Need, PairMetric, Reference, SetMetric, StatesLimits
from adis_bench.metrics.trust import cannot_tell, too_few

N, D, N_CLASSES = 60, 8, 3
LABELS = np.arange(N) % N_CLASSES
SOURCES, SOUNDS = np.arange(N) // 2, np.arange(N) % 12
CLASS_MEANS = 4 * np.eye(N_CLASSES, D)


def images(labels: np.ndarray, seed: int) -> np.ndarray:
    """Embeddings around their class's mean."""
    return (CLASS_MEANS[labels] + np.random.default_rng(seed).standard_normal((len(labels), D))).astype(np.float32)


def reference() -> Reference:
    """Twenty real frames of each class."""
    labels = np.repeat(np.arange(N_CLASSES), 20)
    return Reference(images(labels, 9), labels, np.arange(60), N_CLASSES)


def batches() -> dict[str, Batch]:
    """Three controls and a method that gets two outputs in three right."""
    theirs = (LABELS + 1) % N_CLASSES
    half = np.where(np.arange(N) % 4 == 3, theirs, LABELS)
    drawn = {"target": LABELS, "identity": (LABELS + 2) % N_CLASSES, "shuffled": theirs, "ours": half}
    return {name: Batch(images(labels, seed), LABELS) for seed, (name, labels) in enumerate(drawn.items())}


def evaluation(metric, of=None):
    """The metric over the batches of this module."""
    return evaluate(metric, of or batches(), reference(), SOURCES, SOUNDS, seed=0)


@pytest.mark.parametrize("metric", [LabelSimilarity(), LabelAccuracy(), FrechetDistanceByClass()])
def test_ranks_and_separates_the_controls(metric):
    """Target beats ours beats shuffled, every value lies in its interval, and target against shuffled is told apart."""
    result = evaluation(metric)
    sign = 1 if metric.higher_is_better else -1
    ranked = [sign * result.values[name].value for name in ("target", "ours", "shuffled")]
    assert ranked == sorted(ranked, reverse=True)
    for value in [*result.values.values(), *result.differences.values()]:
        assert value.ci_low <= value.value <= value.ci_high
        assert (value.n, value.n_missing, value.reason) == (N, 0, "")
    assert cannot_tell(metric, result) == ""


@pytest.mark.parametrize("metric", [LabelSimilarity(), FrechetDistance(), FrechetDistanceByClass()])
def test_differences_are_those_of_the_values(metric):
    """On complete outputs a difference is the difference of the two values, for every method and both controls, and between methods."""
    of = {**batches(), "theirs": Batch(images(LABELS[::-1], 7), LABELS)}
    result = evaluation(metric, of)
    controls = {(method, control) for method in of for control in ("identity", "shuffled") if method != control}
    assert set(result.differences) == controls | {("ours", "theirs")}
    for (method, control), difference in result.differences.items():
        assert difference.value == pytest.approx(result.values[method].value - result.values[control].value, abs=1e-9)


@pytest.mark.parametrize("metric", [LabelSimilarity(), LabelAccuracy(), FrechetDistanceByClass()])
def test_tests_agree_with_intervals(metric):
    """P is below 0.05 just where the interval leaves 0 out, over methods from far apart to nearly alike."""
    of = batches()
    for k, share in enumerate((0.02, 0.05, 0.1, 0.2)):
        moved = np.random.default_rng(k).random(N) < share
        of[f"m{k}"] = Batch(images(np.where(moved, (LABELS + 1) % N_CLASSES, LABELS), 20 + k), LABELS)
    differences = evaluation(metric, of).differences
    decided = [difference.p < 0.05 for difference in differences.values()]
    assert decided == [not difference.ci_low <= 0 <= difference.ci_high for difference in differences.values()]
    assert len(set(decided)) == 2


def test_holm_counts_the_comparisons_with_a_method():
    """The family is what is said of methods, here one against two controls: the controls' own comparisons are left out."""
    differences = evaluation(LabelSimilarity()).differences
    ps = [differences["ours", control].p for control in ("identity", "shuffled")]
    small, large = sorted(ps)
    adjusted = sorted(differences["ours", control].p_holm for control in ("identity", "shuffled"))
    assert adjusted == [2 * small, max(2 * small, large)]
    assert differences["target", "shuffled"].p < 0.05
    assert differences["target", "shuffled"].p_holm is None


def test_effects_point_to_the_better():
    """Where the first is better its effect is above 0 and its share above a half, whether the metric rises or falls with quality."""
    rising = evaluation(LabelSimilarity()).differences["target", "shuffled"].effect
    exact = np.zeros((N, 6), np.float32)
    away = 1 + np.arange(N)[:, None] / N
    noisy = {name: Batch(shift * away, LABELS, oracles=exact) for name, shift in (("ours", 1), ("identity", 2))}
    falling = evaluate(OracleDistance(), noisy, None, SOURCES, SOUNDS, seed=0).differences["ours", "identity"].effect
    for effect in (rising, falling):
        assert effect.d_z > 1
        assert effect.share_better > 0.95
    assert evaluation(FrechetDistance()).differences["target", "shuffled"].effect is None


def test_bias_of_every_method():
    """A pooled distance shows for every method how it moves with the number of outputs; the last size is the value."""
    result = evaluation(FrechetDistance())
    assert set(result.biases) == set(batches())
    for method, bias in result.biases.items():
        assert [point.n for point in bias.points] == [15, 30, 60]
        assert bias.points[-1].value == pytest.approx(result.values[method].value, rel=1e-9)
    assert evaluation(LabelSimilarity()).biases == evaluation(FrechetDistanceByClass()).biases == {}


def test_too_few_outputs_are_said():
    """Below the needed number a sentence says how many there are, of how many; by class, the poorest class counts."""
    metric = FID()
    assert too_few(metric, evaluation(metric)).startswith(
        "fid rests on 60 outputs, fewer than the 2,048 that it needs: values are far above"
    )
    by_class = FIDByClass()
    assert too_few(by_class, evaluation(by_class)).startswith("fid_by_class rests on 20 outputs in a class, fewer than the 2,048")
    assert too_few(LabelSimilarity(), evaluation(LabelSimilarity())) == ""
    kid = KernelInceptionDistance()
    assert too_few(kid, evaluation(kid)) == ""


def test_pair_scores_and_class_values():
    """Per-pair scores are kept in order; a class's value is the mean of its pairs, and the value the mean of all."""
    result = evaluation(LabelSimilarity())
    scores = result.pair_scores["ours"]
    np.testing.assert_array_equal(scores, LabelSimilarity().score(batches()["ours"], reference()))
    assert result.values["ours"].value == pytest.approx(scores.mean(), rel=1e-12)
    assert result.class_values["ours"][1].value == pytest.approx(scores[LABELS == 1].mean(), rel=1e-12)
    assert [(c.label, c.n) for c in result.class_values["ours"]] == [(0, 20), (1, 20), (2, 20)]


def test_set_metric_class_values():
    """The distance by class has a value for each class and their mean is the value; the pooled one has none."""
    result = evaluation(FrechetDistanceByClass())
    classes = result.class_values["ours"]
    assert np.mean([c.value for c in classes]) == pytest.approx(result.values["ours"].value)
    assert [c.n for c in classes] == [20, 20, 20]
    assert result.pair_scores == {}
    assert evaluation(FrechetDistance()).class_values == {}


def test_unscored_pairs_are_counted_with_a_reason():
    """Outputs without a score leave the mean, are counted, and the reason says how many and why."""
    of = batches()
    of["ours"].outputs[:3] = np.nan
    value = evaluation(LabelSimilarity(), of).values["ours"]
    assert (value.n, value.n_missing) == (N - 3, 3)
    assert value.reason == "3 of 60 pairs not scored: an embedding of zero norm, or no judge frame of the target's class"
    complete = LabelSimilarity().score(batches()["ours"], reference())
    assert value.value == pytest.approx(complete[3:].mean(), rel=1e-12)


def test_nothing_scored_is_none():
    """A method without any score has no value, no interval and a reason; so has every difference with it."""
    of = batches()
    of["ours"].outputs[:] = np.nan
    for metric in (LabelSimilarity(), FrechetDistance(), FrechetDistanceByClass()):
        result = evaluation(metric, of)
        for value in (result.values["ours"], result.differences[("ours", "identity")]):
            assert (value.value, value.ci_low, value.ci_high, value.n, value.n_missing) == (None, None, None, 0, N)
            assert value.reason == metric.unscored_reason
        assert result.values["target"].value is not None


def test_set_differences_compare_at_equal_n():
    """Where a method lacks outputs the control is cut to the same pairs before the two are compared."""
    of = batches()
    of["ours"].outputs[:12] = np.nan
    result = evaluation(FrechetDistanceByClass(), of)
    kept = {name: batch.take(np.arange(12, N)) for name, batch in batches().items()}
    cut = evaluate(FrechetDistanceByClass(), kept, reference(), SOURCES[12:], SOUNDS[12:], seed=0)
    difference = result.differences[("ours", "shuffled")]
    assert difference.value == pytest.approx(cut.differences[("ours", "shuffled")].value, rel=1e-9)
    assert (difference.n, difference.n_missing) == (N - 12, 12)
    assert result.values["shuffled"].n == N


def test_poor_classes_are_counted():
    """Pairs of a class with too few outputs for a Fréchet distance are missing, with the reason, and the class is None."""
    labels = np.where(np.arange(N) < MIN_ROWS - 1, 2, np.arange(N) % 2)
    of = {name: Batch(images(labels, seed), labels) for seed, name in enumerate(("ours", "shuffled"))}
    result = evaluate(FrechetDistanceByClass(), of, reference(), SOURCES, np.arange(N), seed=0)
    assert result.values["ours"].n_missing == MIN_ROWS - 1
    assert "fewer than 5 outputs" in result.values["ours"].reason
    assert [c.label for c in result.class_values["ours"]] == [0, 1]


def test_one_group_has_a_value_but_no_interval():
    """All pairs from one recording: the value stands, without an interval, with the reason."""
    for metric in (LabelSimilarity(), FrechetDistance()):
        value = evaluate(metric, batches(), reference(), SOURCES, np.zeros(N, int), seed=0).values["ours"]
        assert value.value is not None
        assert value.ci_low is None
        assert "share one sound group" in value.reason


def test_a_share_of_one_is_not_certain():
    """If all outputs are right the interval is Wilson's with the fewer groups, 12 sounds, as trials: 12 / (12 + 1.96^2) to 1."""
    sure = {"target": Batch((100 * CLASS_MEANS[LABELS]).astype(np.float32), LABELS)}
    value = evaluation(LabelAccuracy(), sure).values["target"]
    assert value.value == 1.0
    assert (value.ci_low, value.ci_high) == pytest.approx((12 / (12 + 1.959964**2), 1.0), abs=1e-6)


def test_cannot_tell_when_target_is_no_better():
    """A metric under which target and shuffled score alike says so, with the difference."""
    of = batches()
    of["target"] = of["shuffled"]
    sentence = cannot_tell(LabelSimilarity(), evaluation(LabelSimilarity(), of))
    assert sentence.startswith("label_similarity does not put target ahead of shuffled")


def test_cannot_tell_minds_the_direction():
    """Target clearly worse than shuffled is a warning too; without the controls there is nothing to say."""
    of = batches()
    of["target"], of["shuffled"] = of["shuffled"], of["target"]
    assert cannot_tell(FrechetDistanceByClass(), evaluation(FrechetDistanceByClass(), of))
    assert cannot_tell(LabelSimilarity(), evaluation(LabelSimilarity(), {"ours": of["ours"]})) == ""


def test_a_set_metric_without_influence_has_no_interval():
    """A third party's set metric that gives only update, merge and compute gets its value, and a reason for no interval."""

    class Spread:
        name, description, source, unit = "spread", "", "", "units"
        higher_is_better, image_extractor, audio_extractor = True, "efficientnet_lite0", None
        needs, reference_split, beside, unscored_reason = frozenset(), "train", None, "no outputs"

        def update(self, batch):
            return batch.outputs.astype(np.float64)

        def merge(self, first, second):
            return np.concatenate([first, second])

        def compute(self, state, reference):
            return float(state.std())

    value = evaluation(Spread()).values["ours"]
    assert value.value == pytest.approx(batches()["ours"].outputs.astype(np.float64).std())
    assert value.ci_low is None
    assert value.reason == "no interval: spread gives no influence values"


def test_other_pairs_are_refused():
    """Methods over other pairs than the run's are never put side by side."""
    of = batches()
    of["ours"] = of["ours"].take(np.arange(N - 1))
    with pytest.raises(ValueError, match="method ours: 59 outputs over other pairs than the 60"):
        evaluation(LabelSimilarity(), of)
    of["ours"] = Batch(batches()["ours"].outputs, LABELS[::-1])
    with pytest.raises(ValueError, match="other pairs"):
        evaluation(LabelSimilarity(), of)


def test_metrics_without_a_reference():
    """A metric that names no reference split is scored without one."""
    exact = np.zeros((N, 6), np.float32)
    of = {name: Batch(exact + shift, LABELS, oracles=exact) for name, shift in (("ours", 1), ("identity", 2))}
    result = evaluate(OracleDistance(), of, None, SOURCES, SOUNDS, seed=0)
    # 1 and 2 in each of three channels: sqrt 3 and sqrt 12.
    difference = result.differences[("ours", "identity")]
    assert (difference.value, difference.ci_low, difference.ci_high) == pytest.approx([-(3**0.5)] * 3)
    assert result.class_values["ours"][0] == ClassValue(0, pytest.approx(3**0.5), 20)


@pytest.mark.parametrize("plugin", [p for p in registry.plugins("metrics") if p.distribution.startswith("adis-bench")])
def test_registered_metrics_keep_the_contract(plugin):
    """Every metric of ours loads by its name, is a pair metric or a set metric, and states its facts."""
    metric = registry.load("metrics", plugin.name)()
    assert metric.name == plugin.name
    assert isinstance(metric, PairMetric) != isinstance(metric, SetMetric)
    assert metric.description
    assert metric.source
    assert metric.unscored_reason
    assert metric.needs <= set(get_args(Need))
    assert metric.reference_split in ("judge", "train", None)
    assert metric.beside is None or registry.load("metrics", metric.beside)().unit
    assert isinstance(metric, StatesLimits)
    assert metric.value_range[0] < metric.value_range[1]
    assert metric.n_needed > 0
    assert metric.when_fewer
    # What it can't see is said by every metric, or by the one that it stands beside under the same numbers.
    assert re.search(r"[Bb]lind|can't see|cannot|not whether|rank wrong", metric.description), metric.description
    section = (Path(__file__).parents[2] / "docs" / "metrics.md").read_text().partition(f"\n## {metric.name}\n")[2]
    assert metric.description in section.partition("\n## ")[0]
