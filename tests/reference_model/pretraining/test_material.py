"""What pretraining draws."""

from dataclasses import replace

import numpy as np
import torch

from adis_bench.datasets.records import Dataset, Segment
from reference_model.audio import audio_encoder
from reference_model.data import sounds
from reference_model.pretraining import material
from reference_model.pretraining.material import Material, Views
from tests.reference_model.pretraining.conftest import BANDS


def made(segments: tuple[Segment, ...]) -> Material:
    """With made-up image features: two for each frame, its number and a constant."""
    n_frames = sum(len(s.frame_paths) for s in segments)
    features = torch.stack([torch.arange(n_frames).float(), torch.ones(n_frames)], dim=1)
    return Material(segments, Views(segments, BANDS, audio_encoder(BANDS).front_end, seed=3), features)


def test_a_view_is_the_same_whenever_it_is_drawn(world: Dataset, monkeypatch) -> None:
    """Kept or made again, alone or among others; view 0 is the sound as it is, peak-normalised, and the others are not."""
    train = world.split("train").segments
    rows, views = np.array([2, 0, 2]), np.array([1, 0, 2])
    first = made(train).views
    together = first(rows, views)
    assert torch.equal(first(rows, views), together)
    monkeypatch.setattr(material, "KEPT_BYTES", 0)
    assert torch.equal(made(train).views(rows[::-1].copy(), views[::-1].copy()).flip(0), together)
    assert torch.equal(first.waveform(0, 0), sounds(train[:1], BANDS)[0])
    assert torch.isclose(first.waveform(2, 1).abs().max(), torch.tensor(1 / 1.1))
    assert not torch.equal(together[0], together[2])


def test_a_batch_holds_each_segment_once(world: Dataset) -> None:
    """So no two frames of one segment meet; the draw depends on its generator only, and small datasets give all they have."""
    train = world.split("train").segments
    drawn = [made(train).draw(12, np.random.default_rng(5)) for _ in range(2)]
    assert len(set(drawn[0].rows.tolist())) == 12
    assert all(torch.equal(getattr(drawn[0], name), getattr(drawn[1], name)) for name in ("rows", "pictures", "features", "belongs"))
    assert torch.equal(drawn[0].belongs, torch.eye(12))
    assert len(made(train).draw(100, np.random.default_rng(5)).rows) == len(train)


def test_copies_are_no_negatives(world: Dataset) -> None:
    """A frame or a sound that two segments share belongs to both of them."""
    a, b, c, d = world.split("train").segments[:4]
    b = replace(b, frame_sha256=a.frame_sha256)
    d = replace(d, audio_sha256=c.audio_sha256)
    batch = made((a, b, c, d)).draw(4, np.random.default_rng(0))
    found = torch.empty(4, 4)
    found[batch.rows[:, None], batch.rows] = batch.belongs
    pair = torch.full((2, 2), 0.5)
    assert torch.equal(found, torch.block_diag(pair, pair))


def test_frames_are_standardised_by_their_own_or_anothers_scale(world: Dataset) -> None:
    """Mean 0 and deviation 1 over all frames, a constant feature staying finite; held-out ones take the training's scale."""
    train = world.split("train").segments
    ours = made(train)
    assert torch.allclose(ours.features[:, 0].mean(), torch.zeros(()), atol=1e-6)
    assert torch.isclose(ours.features[:, 0].std(correction=0), torch.ones(()))
    assert torch.equal(ours.features[:, 1], torch.zeros(len(train)))
    raw = torch.tensor([[0.0, 1.0]])
    theirs = Material(train[:1], ours.views, raw, ours.scale)
    assert torch.equal(theirs.first_features(), ours.features[:1])
    assert torch.equal(theirs.mean_features(), ours.features[:1])
