"""The answer of a run in words."""

import pytest

from reports.data import RunData
from reports.findings import Verdict
from reports.story_answer import answer, finding


def _against(method, against, low, high, p, metric="avc"):
    """A difference between two methods as results.json holds it."""
    given = {"value": (low + high) / 2, "ci_low": low, "ci_high": high, "p": p / 2, "p_holm": p}
    return {"method": method, "against": against, "metric": metric, **given}


def test_the_answer_names_the_best_method_and_its_evidence(run_dir):
    """The first headline metric, its best method, and paired differences against both controls."""
    said = answer(RunData.open(run_dir))
    # half = 0.08 * 0.61 = 0.0488: 0.37 - 0.0488 = 0.3212, 0.37 + 0.0488 = 0.4188.
    assert said.lead == (
        "Of 3 methods, ours has the highest avc on 12 pairs: 0.370 [0.321, 0.419]. "
        "How sure its lead over cut and cyclegan is can't be said: there is no interval of the difference."
    )
    assert [c.sentence for c in said.comparisons] == [
        "+0.450 [+0.401, +0.499] against identity (the image left as it is): better, the interval excludes 0.",
        "+0.440 [+0.391, +0.489] against shuffled (a real frame of another class): better, the interval excludes 0.",
    ]


def test_an_interval_with_0_is_said_to_show_nothing(edit_results):
    """A positive difference whose interval includes 0 is not called better."""

    def widen(results):
        for row in results["differences"]:
            row["ci_low"] = row["value"] - 5

    said = answer(RunData.open(edit_results(widen)))
    assert all(c.verdict is Verdict.UNCLEAR for c in said.comparisons)
    assert all(c.sentence.endswith("the interval includes 0, so no difference is shown.") for c in said.comparisons)


def test_a_verdict_outlives_the_correction_or_is_none(edit_results):
    """An interval that excludes 0 isn't enough where many comparisons were made."""

    def correct(results):
        for row in results["differences"]:
            row["p"], row["p_holm"] = 0.02, 0.08

    said = answer(RunData.open(edit_results(correct)))
    assert all(c.verdict is Verdict.UNCLEAR for c in said.comparisons)
    assert all("corrected for the number of comparisons shows no difference" in c.sentence for c in said.comparisons)


def test_the_answer_is_by_a_metric_that_works(edit_results):
    """A failing metric gives way to the next one, and that is said; where all fail, the doubt comes first and nothing is shown."""

    def fail(*names):
        def change(results):
            for metric in results["metrics"]:
                metric["failure"] = "it cannot tell" if not names or metric["name"] in names else ""

        return change

    said = answer(RunData.open(edit_results(fail("avc")))).lead
    assert "the highest label_similarity" in said
    assert said.endswith("avc fails its check on these data, so label_similarity is told here.")
    none = answer(RunData.open(edit_results(fail())))
    assert none.lead.startswith("No headline metric tells right images from wrong ones on these data, so no ranking can be read")
    assert "shown" not in none.lead
    assert (none.comparisons, none.elsewhere) == ((), "")


def test_a_card_of_a_failing_metric_ranks_nobody(edit_results):
    """Its value stands there with the reason, without a verdict over anybody."""

    def fail(results):
        results["metrics"][0]["failure"] = "it cannot tell"
        results["differences"] += [_against("ours", "cut", 0.01, 0.1, 0.03), _against("ours", "cyclegan", 0.1, 0.2, 0.01)]

    run = RunData.open(edit_results(fail))
    found = finding(run, run.headline[0])
    assert (found.role, found.method, found.value) == ("highest: ", "ours", "0.370")
    assert (found.standing, found.shown, found.comparisons) == ("fails its check: no ranking", Verdict.UNKNOWN, ())


def test_a_lower_score_wins_where_lower_is_better(run_dir):
    """The best Fréchet distance is the lowest of the methods, controls left out."""
    run = RunData.open(run_dir)
    found = finding(run, next(m for m in run.headline if m.name == "fd_by_class"))
    assert (found.method, found.value) == ("cut", "30.2")
    assert [c.verdict for c in found.comparisons] == [Verdict.BETTER, Verdict.BETTER]


def test_a_run_of_controls_only_claims_nothing(edit_results):
    """Without methods there is no winner."""

    def drop(results):
        results["methods"] = [m for m in results["methods"] if m["control"]]

    said = answer(RunData.open(edit_results(drop)))
    assert said.lead.startswith("Only the controls were run")
    assert said.comparisons == ()


def test_unscored_methods_are_not_ranked(edit_results):
    """Where no method has a value, the answer says so."""

    def drop(results):
        for row in results["scores"]:
            row.update(value=None, ci_low=None, ci_high=None, reason="too few")

    assert "No method could be scored on avc" in answer(RunData.open(edit_results(drop))).lead


@pytest.mark.parametrize(
    ("cut", "lead", "first"),
    [
        (
            (0.02, 0.10, 0.012),
            "It is shown to be better than each of the other 2.",
            "+0.060 [+0.020, +0.100] against cut: better, corrected p = 0.012",
        ),
        (
            (-0.02, 0.14, 0.21),
            "No difference from cut is shown. It is shown to be better than cyclegan.",
            "the interval includes 0, so no difference is shown (corrected p = 0.210).",
        ),
    ],
)
def test_the_lead_says_how_sure_the_first_place_is(edit_results, cut, lead, first):
    """Against the next best method: the interval and the corrected test, nearest score first."""

    def add(results):
        results["differences"] += [_against("cyclegan", "ours", -0.2, -0.1, 0.0001), _against("ours", "cut", *cut)]

    said = answer(RunData.open(edit_results(add)))
    assert said.lead.endswith(lead)
    assert [c.against for c in said.comparisons] == ["cut", "cyclegan", "identity", "shuffled"]
    assert first in said.comparisons[0].sentence
    # The run holds cyclegan minus ours; the answer turns it round.
    assert said.comparisons[1].sentence == "+0.150 [+0.100, +0.200] against cyclegan: better, corrected p < 0.001."


def test_other_metrics_may_have_other_leaders(edit_results):
    """Who is shown to be best on other metrics stands below; where none is shown, that is said."""

    def add(results):
        results["differences"] += [
            _against("cut", "ours", -9, -1, 0.01, "fd_by_class"),
            _against("cut", "cyclegan", -20, -10, 0.01, "fd_by_class"),
        ]

    said = answer(RunData.open(edit_results(add))).elsewhere
    assert "cut is shown to be best on fd_by_class" in said
    assert "no method is shown to be best on label_similarity, fd and structure_similarity" in said


def test_many_methods_are_counted(edit_results):
    """The nearest three are compared in the answer; the others are a number."""

    def more(results):
        (ours,) = (m for m in results["methods"] if m["label"] == "ours")
        scores = [s for s in results["scores"] if s["method"] == "ours"]
        for n in range(6):
            results["methods"].append(ours | {"label": f"m{n}", "name": f"m{n}"})
            results["scores"] += [s | {"method": f"m{n}", "value": s["value"] - 0.01 * (n + 1)} for s in scores]
            results["differences"].append(_against("ours", f"m{n}", 0.001, 0.02, 0.01))

    said = answer(RunData.open(edit_results(more)))
    assert [c.against for c in said.comparisons] == ["m0", "m1", "m2", "identity", "shuffled"]
    assert said.more == "And 3 methods that are farther away; the differences have them all."
    assert "better than 6 others" in said.lead


def test_who_lacks_pairs_cannot_lead(edit_results):
    """A method that was scored on fewer pairs is named, not ranked; one without a score likewise."""

    def lacking(results):
        for row in results["scores"]:
            if row["metric"] == "avc" and row["method"] == "ours":
                row.update(n=7, n_missing=5)
            if row["metric"] == "avc" and row["method"] == "cyclegan":
                row.update(value=None, ci_low=None, ci_high=None, reason="too few")

    said = answer(RunData.open(edit_results(lacking)))
    assert said.lead.startswith("Of 3 methods only cut is scored on all 12 pairs: avc 0.310 [0.261, 0.359].")
    assert "How it stands to ours (0.370 on 7 pairs) can't be said" in said.lead
    assert said.lead.endswith("cyclegan could not be scored. ours can't lead: the pairs that it lacks may be the hard ones.")


@pytest.mark.parametrize(("value", "named"), [(0.37, "ours (0.370 on 11 pairs)"), (0.3, "ours (0.300 on 11 pairs)")])
def test_one_lost_output_makes_no_winner(edit_results, value, named):
    """Nobody is called the highest of all whom another one, which lacks a pair, exceeds by its value or on the pairs that both have."""

    def lose(results):
        for row in results["scores"]:
            if row["metric"] == "avc" and row["method"] == "ours":
                row.update(value=value, n=11, n_missing=1)
        results["differences"] += [_against("ours", "cut", 0.02, 0.1, 0.01), _against("cut", "cyclegan", 0.02, 0.1, 0.01)]

    run = RunData.open(edit_results(lose))
    said = answer(run)
    assert said.lead == (
        f"Of the 2 methods scored on all 12 pairs, cut has the highest avc: 0.310 [0.261, 0.359]. {named} is better on the pairs that "
        "both have. It is shown to be better than cyclegan. ours can't lead: the pairs that it lacks may be the hard ones."
    )
    card = finding(run, run.headline[0])
    assert (card.role, card.method) == ("best on all 12 pairs: ", "cut")
    assert (card.standing, card.shown) == ("worse than ours on the pairs that both have", Verdict.WORSE)


def test_the_pairs_of_a_value_are_its_own(edit_results):
    """A value that rests on fewer pairs than the run has says so, in the answer and on its card."""

    def lose(results):
        for row in results["scores"]:
            row.update(n=9, n_missing=3)

    run = RunData.open(edit_results(lose))
    assert "ours has the highest avc on 9 of 12 pairs: 0.370" in answer(run).lead
    assert finding(run, run.headline[0]).role == "best on 9 of 12 pairs: "


def test_who_leads_all_on_shared_pairs_stays_first(edit_results):
    """Others that lack a pair are named, and the answer stays a plain one."""

    def lose(results):
        for row in results["scores"]:
            if row["metric"] == "avc" and row["method"] == "cut":
                row.update(n=11, n_missing=1)
        results["differences"] += [_against("ours", "cut", 0.02, 0.1, 0.01), _against("ours", "cyclegan", 0.02, 0.1, 0.01)]

    assert answer(RunData.open(edit_results(lose))).lead.endswith(
        "ours has the highest avc on 12 pairs: 0.370 [0.321, 0.419]. It is shown to be better than each of the other 2. "
        "cut (11 of 12 pairs) is scored on fewer pairs."
    )


def test_a_card_says_how_its_leader_stands(edit_results):
    """Better than all, no difference from one, or not tested."""
    run = RunData.open(edit_results(lambda results: None))
    avc = run.headline[0]
    assert finding(run, avc).standing == "not tested against cut and cyclegan"

    def add(results):
        results["differences"] += [_against("ours", "cut", 0.01, 0.1, 0.03), _against("ours", "cyclegan", -0.1, 0.2, 0.4)]

    run = RunData.open(edit_results(add))
    assert (finding(run, avc).standing, finding(run, avc).shown) == ("no difference from cyclegan shown", Verdict.UNCLEAR)
