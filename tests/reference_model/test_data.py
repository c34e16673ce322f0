"""What a training step draws, and the threads that draw ahead."""

import threading
import time
from collections import Counter
from dataclasses import fields, replace

import numpy as np
import pytest
import torch

from adis_bench.datasets.media import read_image
from adis_bench.datasets.records import Dataset
from adis_bench.errors import ConfigError, DataError
from reference_model import data
from reference_model.data import Batches, Conditions, Feed, scaled
from reference_model.objective import TrainBatch
from reference_model.settings import TrainerSettings

SETTINGS = TrainerSettings(epochs=3, decay_epochs=2, batch_size=4, load_scale=1.25)
SIZE = 32


def batches(world: Dataset, process: tuple[int, int] = (0, 1), seed: int = 0, **changes: object) -> Batches:
    """Of the world's training split, with each segment's place as its condition."""
    train = world.split("train")
    place = {segment.segment_id: k for k, segment in enumerate(train.segments)}

    def conditions(segments: list) -> torch.Tensor:
        return torch.tensor([place[s.segment_id] for s in segments])

    return Batches(train, Conditions(conditions, of_sources=True), SIZE, replace(SETTINGS, **changes), seed, process)


def same(a: TrainBatch, b: TrainBatch) -> bool:
    """Whether two batches are equal in everything."""
    pairs = [(getattr(a, f.name), getattr(b, f.name)) for f in fields(TrainBatch)]
    return all(torch.equal(x, y) if isinstance(x, torch.Tensor) else x == y for x, y in pairs)


def test_a_step_always_draws_the_same(world: Dataset) -> None:
    """A step's batch depends on seed and step only, not on what was drawn before; other steps and seeds differ."""
    first, again = batches(world), batches(world)
    for step in range(6):
        first(step)
    assert same(first(3), again(3))
    assert not same(again(3), again(4))
    assert not same(again(3), batches(world, seed=1)(3))


def test_the_processes_shares_are_the_whole_batch(world: Dataset) -> None:
    """Two processes draw every second item each of what one would draw, with the same patch locations."""
    whole, shares = batches(world)(5), [batches(world, process=(rank, 2))(5) for rank in (0, 1)]
    for rank, share in enumerate(shares):
        assert len(share.source) == 2
        assert same(share, replace(whole.part(rank, 2), part_index=0))


def test_an_epoch_shows_every_image_once(world: Dataset) -> None:
    """The sources of an epoch hold no image twice, in another order in the next epoch; targets are drawn freely."""
    drawn = batches(world, load_scale=1.0)
    steps = drawn.schedule.epoch_steps
    per_segment = Counter({k: len(s.frame_paths) for k, s in enumerate(world.split("train").segments)})
    epochs = [[drawn(step).source_condition.tolist() for step in range(e * steps, (e + 1) * steps)] for e in (0, 1)]
    seen = [[row for batch in epoch for row in batch] for epoch in epochs]
    assert all(Counter(rows) <= per_segment and len(rows) == steps * 4 for rows in seen)
    assert seen[0] != seen[1]
    targets = Counter(row for step in range(4 * steps) for row in drawn(step).condition.tolist())
    assert len(targets) > len(per_segment) / 2


def shifts(world: Dataset, step: int, **changes: object) -> int:
    """How many of a step's sources are not just the whole image, perhaps flipped."""
    train = world.split("train")
    whole = [read_image(s.frame_paths[0], SIZE).transpose(2, 0, 1) for s in train.segments]
    batch = batches(world, **changes)(step)
    plain = 0
    for image, row in zip(batch.source.numpy(), batch.source_condition.tolist(), strict=True):
        plain += any(np.array_equal(image, w) for w in (whole[row], whole[row][:, :, ::-1]))
    return len(batch.source) - plain


def test_cropping_stops_in_the_decaying_epochs(world: Dataset) -> None:
    """As in the release, images are enlarged and cropped in the first epochs only, unless the setting says otherwise."""
    assert all(len(s.frame_paths) == 1 for s in world.split("train").segments)
    steps = batches(world).schedule.epoch_steps
    assert shifts(world, 3 * steps - 1) == 4
    assert shifts(world, 3 * steps) == 0
    assert shifts(world, 3 * steps, crop_while_decaying=True) == 4


def test_images_are_flipped_half_the_time(world: Dataset) -> None:
    """Of 80 uncropped sources 20 to 60 are mirrored (six standard deviations about the half are 13 to 67)."""
    train = world.split("train")
    drawn, flipped = batches(world, load_scale=1.0), 0
    for step in range(20):
        batch = drawn(step)
        for image, row in zip(batch.source.numpy(), batch.source_condition.tolist(), strict=True):
            flipped += not np.array_equal(image, read_image(train.segments[row].frame_paths[0], SIZE).transpose(2, 0, 1))
    assert 20 <= flipped <= 60


def test_a_full_cache_changes_nothing(world: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    """Images that don't fit into memory are decoded each time, to the same."""
    kept = batches(world)(2)
    monkeypatch.setattr(data, "CACHE_BYTES", 0)
    assert same(batches(world)(2), kept)


def test_batches_that_cannot_be_are_refused(world: Dataset) -> None:
    """Too few images, or a batch that the processes cannot share, ends with one line that says what to change."""
    with pytest.raises(DataError, match="lower batch_size"):
        batches(world, batch_size=1000)
    with pytest.raises(ConfigError, match=r"batch_size 4 .* multiple of 3 \(processes 3 x accumulate 1\), such as 6"):
        batches(world, process=(0, 3))
    with pytest.raises(ConfigError, match="multiple of 8"):
        batches(world, process=(0, 2), accumulate=4)


def test_parts_too_small_for_the_wrong_conditions_are_refused(world: Dataset) -> None:
    """Another number of processes or parts must not be another training: what the whole batch has, every part has, or it ends."""
    batches(world, mismatched=1.0, n_mismatched=7)  # one part: all others of the batch
    batches(world, mismatched=1.0, process=(0, 2))
    batches(world, process=(0, 4))
    for case in ({"process": (0, 4)}, {"accumulate": 4}, {"n_mismatched": 2, "process": (0, 2)}, {"batch_size": 1}):
        with pytest.raises(ConfigError, match="mismatched takes [23] pairs in every part of a batch; processes x accumulate leave [12] of"):
            batches(world, mismatched=1.0, **case)


def marked(step: int) -> TrainBatch:
    """A batch that knows its step."""
    return TrainBatch(*(torch.zeros(1) for _ in range(4)), patch_seed=step)


def test_the_feed_keeps_the_order() -> None:
    """Batches come in the order of steps, from the first to the last, whichever thread is done first."""

    def uneven(step: int) -> TrainBatch:
        time.sleep(0.01 * (step % 3 == 0))
        return marked(step)

    assert [batch.patch_seed for batch in Feed(uneven, 5, 25, 4)] == list(range(5, 25))


def test_the_feed_draws_ahead_but_not_without_end() -> None:
    """While a batch is used, the threads make as many more as there are threads, and then wait."""
    made: list[int] = []
    feed = iter(Feed(lambda step: made.append(step) or marked(step), 0, 100, 3))
    next(feed)
    time.sleep(0.2)
    assert sorted(made) == [0, 1, 2, 3]


def test_a_workers_exception_reaches_the_loop() -> None:
    """An unreadable image ends the training with its own error, at its own step, and the threads end."""

    def failing(step: int) -> TrainBatch:
        if step == 4:
            raise DataError("frame 4 is not readable")
        return marked(step)

    seen: list[int] = []
    with pytest.raises(DataError, match="frame 4"):
        seen.extend(batch.patch_seed for batch in Feed(failing, 0, 50, 2))
    assert seen == [0, 1, 2, 3]
    assert not [t for t in threading.enumerate() if t.name.startswith("feed")]


def test_waiting_is_counted() -> None:
    """A loop faster than its data waits for nearly all of their time; a slower one waits for next to nothing."""

    def slow(step: int) -> TrainBatch:
        time.sleep(0.05)
        return marked(step)

    hungry = Feed(slow, 0, 6, 1)
    for _ in hungry:
        pass
    assert 0.2 < hungry.waited_s < 3.0
    sated = Feed(marked, 0, 6, 1)
    for _ in sated:
        time.sleep(0.02)
    assert sated.waited_s < 0.05


def test_pixels_become_minus_one_to_one() -> None:
    """Grey levels 0 and 255 are -1 and 1, in float32."""
    made = scaled(torch.tensor([0, 255], dtype=torch.uint8).reshape(1, 1, 1, 2))
    assert made.dtype == torch.float32
    assert made.flatten().tolist() == [-1.0, 1.0]
