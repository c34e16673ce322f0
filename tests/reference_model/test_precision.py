"""What bf16 autocast changes of a training."""

import sys
from pathlib import Path

import numpy as np
import pytest

from adis_bench.datasets.demo.world import make
from adis_bench.methods.protocol import MethodOptions
from reference_model import journal
from reference_model.method import Launch
from reference_model.ours import Ours

SETTINGS = {"base": "released", "width": 16, "n_blocks": 5, "discriminator_width": 16, "condition_size": 64, "steps": 100, "batch_size": 4}
"""The released networks, narrow enough for a minute on two cores."""
LOSSES = ("D_real", "D_fake", "G_GAN", "NCE", "NCE_Y")
SEEDS = (0, 1, 2)


@pytest.mark.slow
def test_bf16_changes_the_losses_little(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Over 100 steps the structure losses' means, averaged over three seeds, are within 5 % of float32's; all is printed.

    One seed alone says little: the players' losses are chaotic, and rounding moves them as far as a seed does.
    """
    monkeypatch.setattr(journal, "LOG_STEPS", 1)
    train = make(tmp_path / "world", n_train=40, n_judge=8, n_test=16).split("train")
    means = {precision: np.empty((len(SEEDS), len(LOSSES))) for precision in ("float32", "bf16")}
    for precision, rows in means.items():
        for row, seed in zip(rows, SEEDS, strict=True):
            method = Ours(MethodOptions(resolution=64, seed=seed, settings={**SETTINGS, "training_precision": precision}))
            folder = method.train(train, Launch(tmp_path / f"{precision}-{seed}"))
            table = np.genfromtxt(folder / journal.LOG_NAME, delimiter=",", names=True)
            assert len(table) == 100
            row[:] = [table[loss].mean() for loss in LOSSES]
    exact, rounded = means["float32"].mean(axis=0), means["bf16"].mean(axis=0)
    scatter = means["float32"].std(axis=0, ddof=1) / exact
    for name, change, spread in zip(LOSSES, rounded / exact - 1, scatter, strict=True):
        sys.stdout.write(f"\n{name}: bf16 {change:+.1%}; float32 over seeds: standard deviation {spread:.1%}")
        if name in ("NCE", "NCE_Y"):
            assert abs(change) < 0.05
