"""Import of the release's files: names, refusals, and the model folder that comes of them."""

import json
import math
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor

from adis_bench.errors import ConfigError, DataError, WeightsError
from reference_model import import_released, store
from reference_model.method import open_model
from reference_model.ours import Ours
from reference_model.released import KINDS, _expected, import_files
from reference_model.settings import Settings
from tests.reference_model import golden

State = dict[str, Tensor]


def made_up(kind: str) -> State:
    """Weights under the release's names; a fixed buffer beside them, as in the real files."""
    generator = torch.Generator().manual_seed(KINDS.index(kind))
    state = {name: torch.randn(shape, generator=generator) / math.prod(shape[1:]) ** 0.5 for name, (_, shape) in _expected(kind).items()}
    state |= {name: value.abs() + 0.5 for name, value in state.items() if name.endswith("running_var")}
    return state


@pytest.fixture
def saved(tmp_path: Path) -> Callable[[str, object], Path]:
    """Write a file as the release does: ``saved("G", state)`` is ``latest_net_G.pth``."""

    def write(kind: str, content: object) -> Path:
        path = tmp_path / f"latest_net_{kind}.pth"
        torch.save(content, path)
        return path

    return write


@golden.needs_golden
@pytest.mark.parametrize("kind", KINDS)
def test_expected_names_are_the_released_ones(kind: str) -> None:
    """Exactly the entries and shapes that the release's own code writes."""
    assert {name: shape for name, (_, shape) in _expected(kind).items()} == golden.shapes()[kind]


def test_importing_the_package_is_light() -> None:
    """`import reference_model` must not bring torch in; the name is there all the same, and others are not."""
    code = "import sys, reference_model as r; assert 'torch' not in sys.modules; r.import_released; assert 'torch' in sys.modules; r.other"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ended.stderr.rstrip().endswith("AttributeError: module 'reference_model' has no attribute 'other'")


def test_an_imported_model_restyles(saved: Callable[[str, object], Path]) -> None:
    """Paths as text or Path; eval mode; images in [-1, 1]; only what is given is there."""
    model = import_released({"G": str(saved("G", made_up("G"))), "Audio": saved("Audio", made_up("Audio"))})
    with torch.inference_mode():
        sound = torch.randn(2, 48_000)
        embedding = model.audio_encoder(sound)
        made = model.generator(torch.rand(2, 3, 32, 48) * 2 - 1, embedding)
        # One by one as together: batch statistics would differ. And no peak normalisation inside.
        torch.testing.assert_close(model.audio_encoder(sound[:1]), embedding[:1], rtol=1e-4, atol=1e-4)
        assert not torch.allclose(model.audio_encoder(0.5 * sound), embedding, rtol=1e-2)
    assert embedding.shape == (2, 256)
    assert made.shape == (2, 3, 32, 48)
    assert made.abs().max() <= 1
    assert (model.discriminator, model.sampler) == (None, None)


def test_importing_leaves_random_numbers_alone(saved: Callable[[str, object], Path]) -> None:
    """What the caller draws afterwards is what it would have drawn."""
    paths = {"G": saved("G", made_up("G")), "Audio": saved("Audio", made_up("Audio"))}
    torch.manual_seed(3)
    expected = torch.rand(3)
    torch.manual_seed(3)
    import_released(paths)
    assert torch.equal(torch.rand(3), expected)


def test_fixed_buffers_and_a_prefix_change_nothing(saved: Callable[[str, object], Path]) -> None:
    """Blur filters, STFT kernels and counters may be there, and `module.` may lead every name."""
    audio = made_up("Audio")
    extra = {"stft.wsin": torch.ones(257, 1, 512), "AudioInconv.1.num_batches_tracked": torch.tensor(7)}
    filters = {"model_down.7.filt": torch.ones(128, 1, 3, 3)}
    plain = import_released({"G": saved("G", made_up("G")), "Audio": saved("Audio", audio)})
    generator = saved("G", {f"module.{k}": v for k, v in (made_up("G") | filters).items()})
    other = import_released({"G": generator, "Audio": saved("Audio", audio | extra)})
    for a, b in ((plain.generator, other.generator), (plain.audio_encoder, other.audio_encoder)):
        torch.testing.assert_close(a.state_dict(), b.state_dict(), rtol=0, atol=0)


def test_a_wrong_file_is_named_entry_by_entry(saved: Callable[[str, object], Path]) -> None:
    """Missing, unexpected and misshapen entries are counted, and the first ones named with their shapes."""
    state = made_up("Audio")
    state.pop("proj.bias")
    state |= {"AudioInconv.0.weight": torch.zeros(64, 3, 7, 7), **{f"head.{i}": torch.zeros(2) for i in range(12)}}
    with pytest.raises(WeightsError) as error:
        import_released({"G": saved("G", made_up("G")), "Audio": saved("Audio", state)})
    assert str(error.value).endswith(
        "latest_net_Audio.pth is not the release's Audio: 1 of 102 entries missing (proj.bias [256]); "
        "12 of 113 entries unexpected (" + ", ".join(f"head.{i} [2]" for i in range(10)) + ", ...); "
        "1 of 101 entries of another shape (AudioInconv.0.weight [64, 3, 7, 7] for [64, 1, 7, 7])"
    )


def test_exchanged_files_are_recognised(saved: Callable[[str, object], Path]) -> None:
    """A sound encoder given as the generator is called by its name."""
    with pytest.raises(
        WeightsError, match=r"latest_net_Audio.pth is not the release's G, it looks like Audio \(are the files exchanged\?\)"
    ):
        import_released({"G": saved("Audio", made_up("Audio")), "Audio": saved("G", made_up("G"))})


class Surprise:
    """What a pickle could run when it is opened."""

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        return (Path.touch, (Path("opened"),))


@pytest.mark.parametrize("content", [Surprise(), [1, 2], {"epoch": 3}, {}], ids=["code", "list", "numbers", "nothing"])
def test_anything_but_weights_is_refused(
    content: object, saved: Callable[[str, object], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pickle with code is not run; a file of anything else is named."""
    monkeypatch.chdir(tmp_path)
    path = saved("G", content)
    with pytest.raises(WeightsError, match="latest_net_G.pth"):
        import_released({"G": path, "Audio": path})
    assert not (tmp_path / "opened").exists()


def test_damaged_and_missing_files_are_named(tmp_path: Path, saved: Callable[[str, object], Path]) -> None:
    """A file cut short says so, and one that isn't there, too."""
    whole = saved("G", made_up("G"))
    whole.write_bytes(whole.read_bytes()[:-1000])
    with pytest.raises(WeightsError, match="damaged"):
        import_released({"G": whole, "Audio": whole})
    with pytest.raises(WeightsError, match="no checkpoint at"):
        import_released({"G": tmp_path / "none.pth", "Audio": whole})


def test_values_that_are_not_finite_are_refused(saved: Callable[[str, object], Path]) -> None:
    """A diverged training's weights would give grey pictures without a word."""
    state = made_up("G")
    state["model_down.4.weight"][0, 0, 0, 0] = math.nan
    with pytest.raises(WeightsError, match=r"1 of 48 entries hold values that are not finite \(model_down\.4\.weight\)"):
        import_released({"G": saved("G", state), "Audio": saved("Audio", made_up("Audio"))})


def test_negative_variances_are_refused(saved: Callable[[str, object], Path]) -> None:
    """They would give values that are not finite, and the picture would be blamed."""
    state = made_up("Audio")
    name = next(key for key in state if key.endswith("running_var"))
    state[name][0] = -1
    with pytest.raises(WeightsError, match=r"entries hold negative variances \(.*running_var\)"):
        import_released({"G": saved("G", made_up("G")), "Audio": saved("Audio", state)})


def test_unknown_and_absent_networks_are_refused(saved: Callable[[str, object], Path]) -> None:
    """A typo in a network's name, and a model without its sound encoder."""
    path = saved("G", made_up("G"))
    with pytest.raises(ConfigError, match="unknown network of the release 'audio'; did you mean Audio"):
        import_released({"G": path, "audio": path})
    with pytest.raises(ConfigError, match="no file for Audio"):
        import_released({"G": path})


def test_files_become_a_model_in_any_order(saved: Callable[[str, object], Path], tmp_path: Path) -> None:
    """The folder opens as `ours:PATH`, gives what the imported model gives, and names its files, but no folders."""
    audio, generator = saved("Audio", made_up("Audio")), saved("G", made_up("G"))
    told = import_files([audio, generator], tmp_path / "model")
    assert [(s["network"], s["file"]) for s in told["imported_from"]] == [("G", "latest_net_G.pth"), ("Audio", "latest_net_Audio.pth")]
    assert str(tmp_path) not in json.dumps(told)
    assert Settings.from_flat(told["settings"]).differences() == []

    image, sound = torch.rand(1, 3, 32, 32) * 2 - 1, torch.randn(1, 48_000)
    imported = import_released({"G": generator, "Audio": audio})
    with torch.inference_mode():
        expected = imported.generator(image, imported.audio_encoder(sound))
    opened = open_model(f"ours:{tmp_path / 'model'}")
    assert isinstance(opened, Ours)
    torch.testing.assert_close(opened.restyle(image, sound), expected, rtol=1e-3, atol=1e-4)
    assert opened.provenance()["model_digest"] == told["digest"]


def test_training_files_are_checked_but_not_kept(saved: Callable[[str, object], Path], tmp_path: Path) -> None:
    """D among the files changes nothing; a partial D is named all the same."""
    pair = [saved(kind, made_up(kind)) for kind in ("G", "Audio")]
    alone = import_files(pair, tmp_path / "alone")
    assert import_files([*pair, saved("D", made_up("D"))], tmp_path / "all") == alone
    partial = dict(list(made_up("D").items())[:-1])
    with pytest.raises(WeightsError, match=r"not the release's D: 1 of 10 entries missing \(model.14.bias \[1\]\)"):
        import_files([*pair, saved("D", partial)], tmp_path / "all")


def test_a_model_is_not_replaced_by_another(saved: Callable[[str, object], Path], tmp_path: Path) -> None:
    """The same import may run again; another model's folder, or a file, is left alone."""
    files = [saved(kind, made_up(kind)) for kind in ("G", "Audio")]
    first = import_files(files, tmp_path / "model")
    assert import_files(files, tmp_path / "model") == first
    other = saved("G", {name: value + 1 for name, value in made_up("G").items()})
    with pytest.raises(ConfigError, match="another model"):
        import_files([other, files[1]], tmp_path / "model")
    with pytest.raises(DataError, match="is a file"):
        import_files([other, files[1]], files[1])
    assert store.read_provenance(tmp_path / "model") == first


def test_files_that_do_not_make_a_model_are_refused(saved: Callable[[str, object], Path], tmp_path: Path) -> None:
    """Two files of one network, and a file of none."""
    generator = saved("G", made_up("G"))
    with pytest.raises(ConfigError, match="are both the release's G"):
        import_files([generator, generator], tmp_path / "model")
    with pytest.raises(
        WeightsError, match=r"is no network of the release \(G, Audio, D, F\): most of its 1 entries are unknown \(conv1.weight"
    ):
        import_files([generator, saved("other", {"conv1.weight": torch.zeros(1)})], tmp_path / "model")
    assert not (tmp_path / "model").exists()
