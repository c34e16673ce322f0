"""Checkpoints of the original CUT and CycleGAN, read into our networks."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
import torch

from adis_bench.errors import ConfigError, WeightsError
from baselines import import_original
from baselines.original import ANTIALIASED, NETWORKS, OriginalModel, _layout
from reference_model.checkpoint_files import entries_of
from tests.reference_model import golden

Saved = Callable[..., dict[str, Path]]


@pytest.fixture
def saved(tmp_path: Path) -> Saved:
    """Writes tables of weights under the names that the original code gives its files."""

    def save(states: Mapping[str, Mapping[str, torch.Tensor]]) -> dict[str, Path]:
        paths = {name: tmp_path / f"latest_net_{name}.pth" for name in states}
        for name, state in states.items():
            torch.save(dict(state), paths[name])
        return paths

    return save


def made_up(name: str, antialias: bool) -> dict[str, torch.Tensor]:
    """Random weights of a network under its original names."""
    return {theirs: 0.1 * torch.randn(shape) for theirs, (_, shape) in entries_of(*_layout(name, antialias)).items()}


@golden.needs_golden
@pytest.mark.parametrize("method", NETWORKS)
def test_networks_equal_the_original(method: str, saved: Saved) -> None:
    """Generators on the source, discriminators on the target, to 1e-5 of the largest value; and a file per network is read."""
    model: OriginalModel = import_original(method, saved({name: golden.state(name, method) for name in golden.shapes(method)}))
    assert set(model.networks) == set(NETWORKS[method])
    assert model.generator is model.networks[NETWORKS[method][0]]
    expected = golden.reference(method)
    compared = 0
    for name, network in model.networks.items():
        given = "source" if name.startswith("G") else "target"
        if (key := f"eval_{name}_{given}") in expected:
            with torch.inference_mode():
                made = network(torch.from_numpy(expected[given])).numpy()
            assert made.shape == expected[key].shape
            assert abs(made - expected[key]).max() < 1e-5 * abs(expected[key]).max()
            compared += 1
    assert compared == {"cut": 2, "cyclegan": 4}[method]


@golden.needs_golden
@pytest.mark.parametrize("method", NETWORKS)
def test_names_are_the_original_ones(method: str) -> None:
    """Every entry of every network, with its shape."""
    for name, entries in golden.shapes(method).items():
        ours = entries_of(*_layout(name, ANTIALIASED[method]))
        assert {theirs: shape for theirs, (_, shape) in ours.items()} == entries


@pytest.mark.parametrize(("method", "antialias"), [("cut", False), ("cyclegan", True)])
def test_the_other_sampling_can_be_asked_for(method: str, antialias: bool, saved: Saved) -> None:
    """CUT without antialiasing, and CycleGAN with it; the usual layout is refused then, with the first entries that differ."""
    main = NETWORKS[method][0]
    paths = saved({main: made_up(main, antialias)})
    model = import_original(method, paths, antialias=antialias)
    with torch.inference_mode():
        made = model.generator(torch.rand(1, 3, 32, 32) * 2 - 1)
    assert made.shape == (1, 3, 32, 32)
    assert float(made.abs().max()) <= 1
    with pytest.raises(WeightsError, match=rf"is not an original {main}, .*entries missing \(model\."):
        import_original(method, paths)


def test_the_callers_random_numbers_stay(saved: Saved) -> None:
    """Reading a model draws none of them."""
    paths = saved({"G": made_up("G", True)})
    torch.manual_seed(3)
    expected = torch.rand(1)
    torch.manual_seed(3)
    import_original("cut", paths)
    assert torch.equal(torch.rand(1), expected)


def test_wrong_requests_and_files_are_named(saved: Saved, tmp_path: Path) -> None:
    """Another method, another network, no generator, a file cut short, a foreign one, one that isn't there."""
    paths = saved({"G": made_up("G", True), "D": made_up("D", True)})
    with pytest.raises(ConfigError, match="unknown original method 'cyclgan'; did you mean cyclegan"):
        import_original("cyclgan", paths)  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="unknown network of cyclegan 'G'"):
        import_original("cyclegan", paths)
    with pytest.raises(ConfigError, match="no file for G: a model of cut takes at least latest_net_G.pth"):
        import_original("cut", {"D": paths["D"]})
    with pytest.raises(WeightsError, match=r"is not an original G, antialiased: 48 of 48 entries missing \(model.1.weight"):
        import_original("cut", {"G": paths["D"]})
    with pytest.raises(WeightsError, match="no checkpoint at"):
        import_original("cut", {"G": tmp_path / "none.pth"})
    paths["G"].write_bytes(paths["G"].read_bytes()[:-1000])
    with pytest.raises(WeightsError, match="damaged"):
        import_original("cut", paths)
