"""From a file to statistics: study, key, run and pseudonyms come together."""

import json
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest

from adis_bench.errors import AdisBenchError, DataError
from adis_bench.study.analyse import analyse
from adis_bench.study.pseudonyms import pseudonym
from adis_bench.study.records import KEY_NAME, Key, ScreeningRules, save
from adis_bench.study.results import StudyResults
from adis_bench.study.results_text import as_text
from tests.study.studies import SECRET, make_study

RULES = ScreeningRules(min_agreement=0.0)


def _write(path: Path, key: Key, by_pair: bool = False) -> Path:
    """Long CSV: six workers rank all items and repeats nearly in the order of the methods, w6 the other way round."""
    rng = np.random.default_rng(0)
    lines = ["item_id,worker_id,method,rank"]
    for item_id, facts in key.items.items():
        if facts.kind == "gold" or (by_pair and facts.kind != "rank"):
            continue
        for worker in range(1, 7):
            order = (rng.normal(size=len(key.methods)) * 0.5 + np.arange(len(key.methods))).argsort().argsort() + 1
            order = len(order) + 1 - order if worker == 6 else order
            name = facts.pair_id if by_pair else item_id
            lines += [f"{name},w{worker},{method},{rank}" for method, rank in zip(key.methods, order, strict=True)]
    path.write_text("\n".join(lines) + "\n")
    return path


def _analyse(tmp_path: Path, **options: object) -> StudyResults:
    _, key = make_study(tmp_path / "study", n_items=8, n_repeats=3, rules=RULES)
    return analyse(_write(tmp_path / "a.csv", key), tmp_path / "study", replicates=20, **options)  # type: ignore[arg-type]


def test_study_brings_screening_classes_and_itself(tmp_path: Path):
    """The reversed worker is left out by the study's rules, items have their classes, repeats are self-agreement."""
    results = _analyse(tmp_path)
    assert (results.n_items, results.n_workers, results.n_rankings) == (8, 5, 40)
    assert results.screening is not None
    assert [row.failed for row in results.screening.workers if row.failed] == [("min_agreement",)]
    assert {row.label for row in results.classes} == {"ocean", "rain", "gravel"}
    assert results.self_agreement is not None
    assert results.self_agreement.n_items == 3
    assert (results.study["name"], results.study["plan"]["n_samples"]) == ("study", 8)
    assert results.study["displays"]["rain"] == "rain"


def test_workers_have_pseudonyms(tmp_path: Path):
    """No id of a worker is anywhere in the record; the secret of the key makes their names."""
    results = _analyse(tmp_path)
    assert results.screening is not None
    assert {row.worker for row in results.screening.workers} == {pseudonym(SECRET, f"w{number}") for number in range(1, 7)}
    assert '"w6"' not in json.dumps(asdict(results))


def test_screening_can_be_left_out(tmp_path: Path):
    """Everybody counts then."""
    results = _analyse(tmp_path, screening=False)
    assert (results.screening, results.n_workers) == (None, 6)


def test_bare_table_is_the_same_without_study(tmp_path: Path):
    """The same numbers as with the study, when its rankings are a table for itself; nothing of workers or a study."""
    _, key = make_study(tmp_path / "study", n_items=8, n_repeats=0)
    path = _write(tmp_path / "a.csv", key, by_pair=True)
    told = analyse(path, tmp_path / "study", replicates=20, screening=False)
    bare = analyse(path, methods=key.methods, replicates=20)
    for one, other in zip(bare.methods, told.methods, strict=True):
        assert (one.method, one.rank_counts) == (other.method, other.rank_counts)
        assert (one.mean_points, one.ci_low) == pytest.approx((other.mean_points, other.ci_low))
    assert bare.friedman_p == pytest.approx(told.friedman_p)
    assert (bare.classes, bare.screening, bare.self_agreement, bare.metrics, bare.study) == ((), None, None, None, {})


def test_runs_that_are_not_there(tmp_path: Path):
    """A run of the key that has gone is a note; one that was asked for is an error; no run and no key is neither."""
    _, key = make_study(tmp_path / "study", n_items=8, run=str(tmp_path / "run"))
    path = _write(tmp_path / "a.csv", key)
    assert "--run" in analyse(path, tmp_path / "study", replicates=0).undefined["metrics"]
    with pytest.raises(AdisBenchError, match="run"):
        analyse(path, tmp_path / "study", tmp_path / "run", replicates=0)
    assert "metrics" not in analyse(path, methods=key.methods, replicates=0).undefined


def test_run_is_compared_after_screening(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Metrics meet the rankings that stay, and the pair of each item: the key's; --run wins over the key's run."""
    asked = []
    monkeypatch.setattr("adis_bench.study.aggregate.metric_agreement", lambda *given: asked.append(given) or ())
    _, key = make_study(tmp_path / "study", n_items=8, rules=RULES, run="of the key")
    path = _write(tmp_path / "a.csv", key)
    assert analyse(path, tmp_path / "study", replicates=0).metrics == ()
    analyse(path, tmp_path / "study", tmp_path / "named", replicates=0)
    (rankings, pairs, folder), (*_, named) = asked
    assert len(rankings.ranks) == 40
    assert {pairs[rankings.items[item]] for item in rankings.item} == {f"pair-{number}" for number in range(8)}
    assert (folder, named) == (Path("of the key"), tmp_path / "named")


def test_bare_table_names_pairs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Without a study item ids are pair ids."""
    asked = []
    monkeypatch.setattr("adis_bench.study.aggregate.metric_agreement", lambda *given: asked.append(given) or ())
    _, key = make_study(tmp_path / "study", n_items=3)
    analyse(_write(tmp_path / "a.csv", key, by_pair=True), run_dir=tmp_path, methods=key.methods, replicates=0)
    ((_, pairs, _),) = asked
    assert pairs == {name: name for name in ("pair-0", "pair-1", "pair-2")}


def test_items_without_a_class(tmp_path: Path):
    """They are in no class, the others keep theirs, and it is said."""
    study, key = make_study(tmp_path / "study", n_items=8)
    path = _write(tmp_path / "a.csv", key)
    first = next(item for item, facts in key.items.items() if facts.kind == "rank")
    save(tmp_path / "study", study, replace(key, items={**key.items, first: replace(key.items[first], label="")}))
    results = analyse(path, tmp_path / "study", replicates=0)
    assert sum(row.n_items for row in results.classes) == 7
    assert "" not in {row.label for row in results.classes}
    assert results.undefined["classes"] == "1 of 8 items have no class, and are in none of the classes' rows"
    assert results.undefined["classes"] in as_text(results)


def test_key_of_another_study(tmp_path: Path):
    """Study and key must belong together."""
    make_study(tmp_path / "study", k=3)
    make_study(tmp_path / "other", k=4)
    (tmp_path / "other" / KEY_NAME).rename(tmp_path / "study" / KEY_NAME)
    path = tmp_path / "a.csv"
    path.write_text("item_id,worker_id,method,rank\n")
    with pytest.raises(DataError, match="belong to different studies"):
        analyse(path, tmp_path / "study")
