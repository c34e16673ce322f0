"""What bf16 autocast changes of a training."""

import sys
from pathlib import Path

import numpy as np
import pytest

from adis_bench.datasets.demo.world import make
from adis_bench.methods.protocol import MethodOptions
from reference_model import journal
from reference_model.method import Launch, Ours

SETTINGS = {"base": "released", "width": 16, "n_blocks": 5, "discriminator_width": 16, "condition_size": 64, "steps": 100, "batch_size": 4}
"""The released networks, narrow enough for a minute on two cores."""
LOSSES = ("D_real", "D_fake", "G_GAN", "NCE", "NCE_Y")


@pytest.mark.slow
def test_bf16_changes_the_losses_little(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Over 100 steps the structure losses' means are within 10 % of float32's (measured: 1 and 6 %); all is printed, with a second seed."""
    monkeypatch.setattr(journal, "LOG_STEPS", 1)
    train = make(tmp_path / "world", n_train=40, n_judge=8, n_test=16).split("train")
    means = {}
    for name, precision, seed in (("float32", "float32", 0), ("bf16", "bf16", 0), ("another seed", "float32", 1)):
        method = Ours(MethodOptions(resolution=64, seed=seed, settings={**SETTINGS, "training_precision": precision}))
        table = np.genfromtxt(method.train(train, Launch(tmp_path / name)) / journal.LOG_NAME, delimiter=",", names=True)
        assert len(table) == 100
        means[name] = {loss: float(table[loss].mean()) for loss in LOSSES}
    for name in ("bf16", "another seed"):
        changed = ", ".join(f"{loss} {means[name][loss] / means['float32'][loss] - 1:+.2%}" for loss in LOSSES)
        sys.stdout.write(f"\n{name}, means over 100 steps against float32: {changed}\n")
    for loss in ("NCE", "NCE_Y"):
        assert means["bf16"][loss] == pytest.approx(means["float32"][loss], rel=0.1)
