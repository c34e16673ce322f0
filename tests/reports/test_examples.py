"""The choice of examples."""

from collections import Counter
from pathlib import Path

from reports import examples
from reports.data import PairRow, RunData
from reports.media import MediaFolder


def _pairs(counts):
    names = list(counts)
    return [
        PairRow(
            f"{target}-{i:03d}",
            next(n for n in names[i % len(names) :] + names if n != target),
            target,
            Path("s.png"),
            Path(f"{target}{i % 5}.wav"),
        )
        for target, n in counts.items()
        for i in range(n)
    ]


def test_classes_share_the_examples_evenly():
    """Target classes differ by one at most, even where pairs do not."""
    chosen = examples.choose(_pairs({"rain": 90, "ocean": 20, "snow": 9}), 20, seed=0)
    assert sorted(Counter(p.target_label for p in chosen).values()) == [6, 7, 7]


def test_a_scarce_class_gives_all_it_has():
    """A class with fewer pairs than its share leaves the rest to the others."""
    chosen = examples.choose(_pairs({"rain": 90, "ocean": 90, "snow": 2}), 20, seed=0)
    assert Counter(p.target_label for p in chosen) == {"rain": 9, "ocean": 9, "snow": 2}
    assert len({p.pair_id for p in chosen}) == 20


def test_sounds_that_were_not_heard_come_first():
    """Five examples of a class with five sounds let all five be heard."""
    chosen = examples.choose(_pairs({"rain": 50, "ocean": 50}), 10, seed=3)
    assert len({p.target_audio_path for p in chosen}) == 10


def test_the_seed_decides():
    """The same seed gives the same examples, another seed others."""
    pairs = _pairs({"rain": 60, "ocean": 60})
    assert examples.choose(pairs, 8, 1) == examples.choose(pairs, 8, 1)
    assert examples.choose(pairs, 8, 1) != examples.choose(pairs, 8, 2)


def test_every_method_is_shown_with_its_own_score(run_dir):
    """Tiles of all methods and controls, each with the pair's own score."""
    run = RunData.open(run_dir)
    shown = examples.build(run, MediaFolder(run_dir / "report"))
    assert len(shown) == 12
    assert [t.method for t in shown[0].methods] == ["ours", "cut", "cyclegan"]
    assert [t.method for t in shown[0].controls] == ["target", "identity", "shuffled", "retrieval", "oracle"]
    assert shown[0].methods[0].score == "avc 0.370"


def test_media_that_are_gone_leave_named_gaps(run_dir):
    """A report outlives its dataset, and a missing output is said to be one."""
    run = RunData.open(run_dir)
    for path in (run_dir / "media").iterdir():
        path.unlink()
    run.output_path("ours", run.pairs[0].pair_id).unlink()
    shown = examples.build(run, MediaFolder(run_dir / "report"))
    assert all(e.source is None and e.sound is None for e in shown)
    gaps = [t for e in shown for t in e.methods if t.picture is None]
    assert [(t.method, t.reason) for t in gaps] == [("ours", "no output")]


def test_leading_examples_are_spread():
    """The head of the page shows the first example of each third of a larger choice, so that classes differ; few are all shown."""
    pairs = _pairs({"rain": 60, "ocean": 60, "snow": 60})
    chosen = examples.choose(pairs, 24, seed=2)
    assert examples.leading(pairs, 3, seed=2) == (chosen[0], chosen[8], chosen[16])
    assert len({p.target_label for p in examples.leading(pairs, 3, seed=2)}) == 3
    assert len(examples.leading(pairs[:2], 3, seed=2)) == 2


def test_another_metric_can_stand_under_the_outputs(run_dir):
    """The metric that is asked for, not only the first one."""
    run = RunData.open(run_dir)
    metric = next(m for m in run.headline if m.name == "structure_similarity")
    assert examples.build(run, MediaFolder(run_dir / "report"), metric)[0].methods[0].score == "structure_similarity 0.780"
