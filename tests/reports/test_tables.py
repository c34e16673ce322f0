"""Rows and cells of the tables."""

from reports.data import RunData
from reports.tables import HEAT_STEPS, difference_rows, facts, heat_maps, score_rows


def _cells(run, method):
    row = next(r for r in score_rows(run, run.headline) if r.method == method)
    return dict(zip([m.name for m in run.headline], row.cells, strict=True))


def test_not_scored_is_an_empty_value_with_its_reason(run_dir):
    """A missing score is never 0 and always says why."""
    cell = _cells(RunData.open(run_dir), "cyclegan")["label_similarity"]
    assert (cell.value, cell.reason) == ("", "no prototypes")


def test_bold_is_the_best_method_and_never_a_control(run_dir):
    """Of the methods only: target's better values are no candidates."""
    run = RunData.open(run_dir)
    leaders = {
        name: row.method
        for row in score_rows(run, run.headline)
        for name, cell in zip([m.name for m in run.headline], row.cells, strict=True)
        if cell.best
    }
    assert leaders == {"avc": "ours", "label_similarity": "cut", "fd_by_class": "cut", "fd": "ours", "structure_similarity": "cut"}


def test_who_lacks_pairs_is_not_the_best(edit_results):
    """Without its hard pairs, or a whole class, a method would win by what it lacks."""

    def change(results):
        row = next(s for s in results["scores"] if (s["method"], s["metric"]) == ("ours", "avc"))
        row.update(n=8, n_missing=4)

    run = RunData.open(edit_results(change))
    assert not _cells(run, "ours")["avc"].best
    assert _cells(run, "cut")["avc"].best


def test_a_distance_at_another_n_is_not_comparable(edit_results):
    """Fréchet distances at unequal n are marked; other rows stay clean."""

    def change(results):
        row = next(s for s in results["scores"] if (s["method"], s["metric"]) == ("ours", "fd"))
        row.update(n=20, n_missing=4)

    run = RunData.open(edit_results(change))
    assert _cells(run, "ours")["fd"].note == "4 missing, n = 20, not comparable"
    assert _cells(run, "cut")["fd"].note == ""


def test_a_control_is_not_compared_with_itself(run_dir):
    """Identity minus itself has no numbers; identity minus shuffled has."""
    run = RunData.open(run_dir)
    row = next(r for r in difference_rows(run, run.headline[0]) if r.method == "identity")
    assert [c.value for c in row.comparisons] == ["", "−0.010"]


def test_heat_maps_run_from_worst_to_best(edit_results):
    """The extremes of a map get the extremes of the scale, by the metric's direction."""

    def change(results):
        values = iter([0.0, 1.0, 0.5])
        results["class_scores"] = [
            {"method": "ours", "metric": "avc", "label": label, "value": next(values), "n": n}
            for label, n in (("rain", 10), ("ocean", 12), ("human_speech", 30))
        ]

    (heat,) = heat_maps(RunData.open(edit_results(change)))
    assert heat.labels == ("rain", "ocean", "human speech")
    assert heat.counts == (10, 12, 30)
    assert [cell.step for cell in heat.rows[0][1]] == [0, HEAT_STEPS - 1, HEAT_STEPS // 2]


def test_a_class_of_few_pairs_has_no_value(edit_results):
    """Below ``LEAST_PAIRS`` there is nothing to be read; a metric whose classes all are so small has no map."""

    def change(results):
        results["class_scores"] = [
            {"method": "ours", "metric": "avc", "label": "rain", "value": 0.5, "n": 10},
            {"method": "ours", "metric": "avc", "label": "ocean", "value": 0.9, "n": 9},
            {"method": "ours", "metric": "label_similarity", "label": "ocean", "value": 0.9, "n": 9},
        ]

    (heat,) = heat_maps(RunData.open(edit_results(change)))
    assert (heat.metric.name, heat.labels) == ("avc", ("rain",))


def test_facts_keep_intervals_with_their_values():
    """Nested facts are flattened, and an interval stands with its value and with what belongs to it."""
    accuracy = {"value": 0.875, "ci_low": 0.8, "ci_high": 0.9, "chance": 0.125}
    shown = facts({"accuracy": accuracy, "train": {"steps": 10, "cold": True}, "digest": "x"}, ["digest"])
    assert [(f.name, f.text) for f in shown] == [
        ("accuracy", "0.875 [0.800, 0.900] (chance 0.125)"),
        ("train: steps", "10"),
        ("train: cold", "yes"),
    ]


def test_facts_of_any_shape_have_a_text():
    """A plug-in may say anything that fits into JSON: lists of records, empty ones, nothing."""
    shown = facts({"stages": [{"steps": 5, "rate": 0.1}, {"steps": 7, "rate": 0.01}], "empty": [], "none": None})
    assert [(f.name, f.text) for f in shown] == [("stages", "steps 5, rate 0.1, steps 7, rate 0.01")]
