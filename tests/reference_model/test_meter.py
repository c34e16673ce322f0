"""FLOPs of a step, the device's peak, and the share that a training makes of it."""

import time
from pathlib import Path

import pytest
import torch

from adis_bench.datasets.records import Dataset
from reference_model import meter
from reference_model.meter import Meter, peak_flop_per_s, peak_memory_gib
from reference_model.runtime import launched
from tests.reference_model import training as tiny

CPU = torch.device("cpu")


@pytest.mark.parametrize("precision", ["float32", "bf16", "float64"])
def test_the_peak_is_measured_quickly_and_once(precision: str) -> None:
    """A rate between 0.1 GFLOP/s and 10 PFLOP/s, in about a second, from then on remembered; no random number is drawn."""
    peak_flop_per_s.cache_clear()
    before, began = torch.get_rng_state(), time.perf_counter()
    peak = peak_flop_per_s(CPU, precision)
    took = time.perf_counter() - began
    assert 1e8 < peak < 1e16
    assert took < 3.0  # 0.5 s on a machine that does nothing else
    assert peak_flop_per_s(CPU, precision) == peak
    assert torch.equal(torch.get_rng_state(), before)


def test_the_first_step_is_counted_and_the_others_are_not() -> None:
    """A product of 2x3 and 3x5 matrices is 60 FLOP and its two gradients 120; what runs in later steps doesn't count."""
    measured = Meter(launched("cpu", "float32"), "float32")
    assert measured.flop_per_step is None
    assert measured.share_of_peak(1.0) is None
    for n in (1, 7):
        with measured.counting():
            for _ in range(n):
                left, right = torch.ones(2, 3, requires_grad=True), torch.ones(3, 5, requires_grad=True)
                (left @ right).sum().backward()
        assert measured.flop_per_step == 180
    measured.peak_flop_per_s = 1800.0
    assert measured.share_of_peak(5.0) == pytest.approx(0.5)


def test_nothing_counted_is_unknown() -> None:
    """A step without a product of matrices has no share of the peak, rather than a share of 0."""
    measured = Meter(launched("cpu", "float32"), "float32")
    with measured.counting():
        torch.ones(3).add_(1)
    assert measured.flop_per_step is None
    assert measured.share_of_peak(1.0) is None


def test_a_generators_convolution_is_counted_by_hand() -> None:
    """A 3x3 convolution of 4 to 8 channels on 16x16 places: 2 * 9 * 4 * 8 * 256 FLOP, thrice with both gradients."""
    measured = Meter(launched("cpu", "float32"), "float32")
    net, image = torch.nn.Conv2d(4, 8, 3, padding=1), torch.ones(1, 4, 16, 16, requires_grad=True)
    with measured.counting():
        net(image).sum().backward()
    assert measured.flop_per_step == 3 * 2 * 9 * 4 * 8 * 256


@pytest.mark.parametrize("precision", ["float32", "bf16"])
def test_counting_changes_no_bit_of_a_training(precision: str, world: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The weights after six steps are those of a training whose first step nobody counted."""
    rows, counted = tiny.run(tiny.training(world, tmp_path / "a", training_precision=precision))
    assert rows[-1]["flop_per_step"] > 1e6

    class Blind(meter.FlopCounterMode):
        def __enter__(self) -> "Blind":
            return self

        def __exit__(self, *args: object) -> None:
            pass

    monkeypatch.setattr(meter, "FlopCounterMode", Blind)
    rows, plain = tiny.run(tiny.training(world, tmp_path / "b", training_precision=precision))
    assert "flop_per_step" not in rows[-1]
    assert "share_of_peak" not in rows[-1]
    assert tiny.equal(counted, plain)


def test_memory_is_told_in_gib() -> None:
    """A process that holds torch and 256 MiB more than it did takes 0.25 GiB more, and less than 64 GiB in all."""
    before = peak_memory_gib(CPU)
    held = torch.ones(2**26)
    after = peak_memory_gib(CPU)
    assert held.sum() > 0
    assert 0.05 < before <= after < 64
