"""What must be known of a run's metrics."""

from reports.data import RunData
from reports.findings import check_command
from reports.story_answer import finding
from reports.story_notes import failures_of_metrics, pooled, trust


def test_the_floor_of_a_distance_to_all_frames_is_named(run_dir):
    """Sources are real frames: what such a distance says, and what it doesn't; beside the table that has it, and no other."""
    run = RunData.open(run_dir)
    (said,) = pooled(run, run.headline)
    assert not list(pooled(run, run.beside))
    assert "identity is the floor of fd" in said
    assert "fd_by_class whether they look like the sound's class" in said


def test_the_controls_tell_which_metrics_work(run_dir, edit_results):
    """Working, failing and unchecked metrics by name; a reason that the warnings hold already isn't told twice."""
    run = RunData.open(run_dir)
    assert trust(run).startswith("By the controls avc, label_similarity, fd_by_class and structure_similarity tell right images from wrong")
    assert trust(run).endswith("No control of a run is wrong to fd, so it is not checked here.")

    def fail(results):
        results["metrics"][0]["failure"] = "avc does not put target ahead of shuffled"
        results["metrics"][2]["failure"] = "label_similarity could not be checked"
        results["warnings"].append("label_similarity could not be checked.")

    run = RunData.open(edit_results(fail))
    assert "avc and label_similarity do not, or could not be checked: read no ranking" in trust(run)
    assert failures_of_metrics(run) == ("avc does not put target ahead of shuffled",)


def test_with_other_training_data_no_control_is_a_floor(edit_results):
    """Sources of another dataset are no frames of the reference: the notes say so, and the self-check is told the training data."""
    train_data = {"name": "wild", "path": "data/wild", "n_test_sounds_in_it": 0, "n_test_images_in_it": 0}

    def change(results):
        results["dataset"]["notes"]["train_data"] = train_data
        results["dataset"]["pairing"] = "grid"

    run = RunData.open(edit_results(change))
    (said,) = pooled(run, run.headline)
    assert "(wild), so identity is no floor: such a distance says whether images look like those frames" in said
    assert "--data data/wild" in check_command(run)
    assert run.classes == "4 of images, 4 of sounds"
    fd = next(m for m in run.results.metrics if m.name == "fd")
    assert [c.by_construction for c in finding(run, fd).comparisons] == ["", ""]


def test_sources_among_the_compared_frames_are_no_strangers(edit_results):
    """Where some source images are in the other training data, it is said how many, and not that identity is no floor."""

    def change(results):
        results["dataset"]["notes"]["train_data"] = {"name": "wild", "path": "data/wild", "n_source_images_in_it": 177}

    run = RunData.open(edit_results(change))
    said = " ".join(pooled(run, run.headline))
    assert "177 of the source images are among the frames that fd compares with (wild), so identity gains by them" in said
    assert "no floor" not in said
    fd = next(m for m in run.results.metrics if m.name == "fd")
    assert finding(run, fd).comparisons[0].by_construction == "177 of the source images are among the frames that are compared with"


def test_shuffled_of_training_frames_is_near_what_is_compared_with(edit_results):
    """Without `target` the frames of `shuffled` are the reference's own."""

    def change(results):
        results["dataset"]["notes"]["train_data"] = {"name": "wild", "path": "data/wild"}
        results["methods"] = [m for m in results["methods"] if m["label"] != "target"]

    run = RunData.open(edit_results(change))
    fd = next(m for m in run.results.metrics if m.name == "fd")
    assert [c.by_construction for c in finding(run, fd).comparisons] == ["", "shuffled shows the very frames that are compared with"]
