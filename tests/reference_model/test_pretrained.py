"""Published weights as the audio encoder's initial ones: what goes where, equality with the originals, refusals."""

import argparse
import json
import os
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from adis_bench.errors import ConfigError, WeightsError
from adis_bench.files import digest_file
from reference_model.audio import SoundEncoder, audio_encoder
from reference_model.pretrained import initialise
from reference_model.settings import NetworkSettings
from tests.extractors import test_wav2clip as wav2clip_tests
from tests.reference_model import published

package = wav2clip_tests.package  # a fixture: the wav2clip package
Save = Callable[[object], Path]


@pytest.fixture
def saved(tmp_path: Path) -> Save:
    """Write a file of the given content."""

    def write(content: object) -> Path:
        torch.save(content, tmp_path / "weights.pth")
        return tmp_path / "weights.pth"

    return write


@pytest.fixture(scope="module")
def selavi_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A made-up published file."""
    path = tmp_path_factory.mktemp("selavi") / "selavi_ave.pth"
    torch.save(published.checkpoint(published.selavi()), path)
    return path


@pytest.fixture(scope="module")
def wav2clip_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A made-up published file."""
    path = tmp_path_factory.mktemp("wav2clip") / "Wav2CLIP.pt"
    torch.save(wav2clip_tests.released(), path)
    return path


@pytest.fixture
def sounds() -> Tensor:
    """Three seconds of noise, and of quieter noise."""
    return torch.randn(2, 48_000, generator=torch.Generator().manual_seed(5)) * torch.tensor([[0.2], [0.01]])


def encoder(kind: str, front_end: str = "magnitude", padding: int = 1) -> SoundEncoder:
    """A fresh one with other random weights than the files'."""
    torch.manual_seed(99)
    return audio_encoder(NetworkSettings(audio_encoder=kind, front_end=front_end, audio_padding=padding)).eval()  # type: ignore[arg-type]


def features(of: SoundEncoder, waveforms: Tensor) -> Tensor:
    """[B, 512], before the projection to the condition."""
    with torch.inference_mode():
        made: Tensor = of.trunk.net(of.front_end(waveforms)[:, None])  # type: ignore[union-attr, operator]
    return made


def test_selavi_fills_a_resnet9(selavi_file: Path, sounds: Tensor) -> None:
    """With its front end and padding the trunk is SeLaVi's own network; only the projection is left at random."""
    ours = encoder("resnet9", "selavi", 3)
    mapping = initialise(ours, "selavi", selavi_file)
    torch.manual_seed(0)
    original = published.resnet9().eval()
    weights = published.selavi()
    original.load_state_dict({name.removeprefix("audio_network.base."): v for name, v in weights.items() if name.startswith("audio")})
    with torch.inference_mode():
        torch.testing.assert_close(features(ours, sounds), original(ours.front_end(sounds)[:, None]), rtol=0, atol=0)
    assert {entry.target for entry in mapping.at_random} == {"trunk.proj.weight", "trunk.proj.bias"}
    assert mapping.departures == ()


def test_selavi_fills_half_of_a_resnet18(selavi_file: Path) -> None:
    """First convolution, its norm and each layer's first block; each second block stays as it was drawn, and so does the rest."""
    ours, untouched = encoder("resnet18"), encoder("resnet18").state_dict()
    mapping = initialise(ours, "selavi", selavi_file)
    weights = published.selavi()
    for name, value in ours.state_dict().items():
        first = not name.startswith("trunk.proj") and ".1." not in name.removeprefix("trunk.net.").replace("downsample.1.", "")
        counter = name.endswith("num_batches_tracked")
        expected = weights["audio_network.base." + name.removeprefix("trunk.net.")] if first and not counter else untouched[name]
        assert torch.equal(value, expected), name
    at_random = {part["target"] for part in mapping.facts()["left_at_random"]}
    assert at_random == {*(f"trunk.net.layer{i}.1" for i in (1, 2, 3, 4)), "trunk.proj"}
    assert mapping.departures == (
        "front_end is not selavi, on which these weights were trained",
        "audio_padding is 1; these weights were trained with 3",
    )


def test_what_is_printed_of_half_a_resnet18(selavi_file: Path) -> None:
    """Every part by name, with its numbers and its share of all.

    By hand: conv1 is 64 * 49 = 3,136, bn1 4 * 64 = 256, layer1.0 is 2 * 36,864 + 512 = 74,240, layer4.0 is
    1,179,648 + 2,359,296 + 131,072 + 3 * 2,048 = 3,676,160, the projection 512 * 256 + 256 = 131,328; with layer2.0's 230,912
    and layer3.0's 920,576 that is 4,905,280 of 11,311,168.
    """
    lines = initialise(encoder("resnet18"), "selavi", selavi_file).lines()
    assert lines[0] == "selavi: 43.4% of the audio encoder's 11,311,168 parameters and statistics are from selavi_ave.pth"
    for line in (
        "  loaded audio_network.base.conv1 as trunk.net.conv1: 3,136 numbers, 0.0% of the encoder",
        "  loaded audio_network.base.bn1 as trunk.net.bn1: 256 numbers, 0.0% of the encoder",
        "  loaded audio_network.base.layer1.0 as trunk.net.layer1.0: 74,240 numbers, 0.7% of the encoder",
        "  loaded audio_network.base.layer4.0 as trunk.net.layer4.0: 3,676,160 numbers, 32.5% of the encoder",
        "  left at random trunk.net.layer4.1: 4,722,688 numbers, 41.8% of the encoder",
        "  left at random trunk.proj: 131,328 numbers, 1.2% of the encoder",
        "  note: audio_padding is 1; these weights were trained with 3",
    ):
        assert line in lines
    assert [line.split(":")[0] for line in lines if "skipped" in line] == [
        "  skipped video_network",
        "  skipped mlp_v*",
        "  skipped mlp_a*",
    ]


def test_facts_are_for_a_provenance(selavi_file: Path) -> None:
    """JSON-compatible, with the file's name and digest but not its folder; shares of the encoder add up to one."""
    facts = initialise(encoder("resnet9"), "selavi", selavi_file).facts()
    assert json.loads(json.dumps(facts)) == facts
    assert (facts["file"], facts["sha256"]) == ("selavi_ave.pth", digest_file(selavi_file))
    assert str(selavi_file.parent) not in json.dumps(facts)
    assert facts["share"] == pytest.approx(sum(part["share"] for part in facts["loaded"]))
    assert sum(part["share"] for part in facts["loaded"] + facts["left_at_random"]) == pytest.approx(1)


def test_wav2clip_features_are_the_packages_own(package: Any, wav2clip_file: Path, sounds: Tensor) -> None:
    """With its front end and padding the 512 features before the projection are the package's, sound by sound, to 1e-4."""
    original = package.ResNetExtractor(checkpoint=wav2clip_tests.released(), scenario="frozen", transform=False).eval()
    ours = encoder("resnet18", "wav2clip", 3)
    mapping = initialise(ours, "wav2clip", wav2clip_file)
    with torch.inference_mode():
        alone, together = torch.cat([original(sound[None]) for sound in sounds]), original(sounds)
    assert alone.shape == (2, 512)
    assert (features(ours, sounds) - alone).abs().max() < 1e-4 * alone.abs().max()
    assert mapping.departures == ()
    ours.front_end.standardise = "batch"  # type: ignore[assignment]
    assert (features(ours, sounds) - alone).abs().max() < 1e-4 * alone.abs().max()  # outside of training a sound stands alone
    ours.front_end.train()
    assert (features(ours, sounds) - together).abs().max() < 1e-4 * alone.abs().max()
    assert (together - alone).abs().max() > 0.01 * alone.abs().max()


def test_wav2clip_fills_a_resnet18(wav2clip_file: Path) -> None:
    """All eight blocks; the projection into CLIP's space, the image side and the spectrogram's window have no place."""
    mapping = initialise(encoder("resnet18"), "wav2clip", wav2clip_file)
    facts = mapping.facts()
    blocks = [f"layer{i}.{k}" for i in (1, 2, 3, 4) for k in (0, 1)]
    assert [part["target"] for part in facts["loaded"]] == [f"trunk.net.{name}" for name in ("conv1", "bn1", *blocks)]
    assert [part["target"] for part in facts["left_at_random"]] == ["trunk.proj"]
    assert [part["source"] for part in facts["skipped"]] == ["audio_encoder.spectrogram", "audio_transform", "image_transform"]
    # 131,328 of 11,311,168 are the projection's.
    assert mapping.lines()[0].startswith("wav2clip: 98.8% of the audio encoder's 11,311,168 ")


def test_an_encoder_keeps_its_precision_and_the_caller_its_random_numbers(selavi_file: Path) -> None:
    """A float64 encoder has the file's values in float64; nothing is drawn."""
    ours = encoder("resnet9").double()
    torch.manual_seed(4)
    expected = torch.rand(3)
    torch.manual_seed(4)
    initialise(ours, "selavi", selavi_file)
    assert torch.equal(torch.rand(3), expected)
    conv = ours.state_dict()["trunk.net.conv1.weight"]
    assert torch.equal(conv, published.selavi()["audio_network.base.conv1.weight"].double())


def test_encoders_that_do_not_fit_are_refused(selavi_file: Path, wav2clip_file: Path) -> None:
    """Mel bands take no published weights, and a ResNet9 none of Wav2CLIP; what would fit is named."""
    with pytest.raises(ConfigError, match="audio_init = selavi: .* set audio_encoder to resnet18 or resnet9"):
        initialise(encoder("bands"), "selavi", selavi_file)
    with pytest.raises(ConfigError, match="audio_init = wav2clip: .* set audio_encoder to resnet18"):
        initialise(encoder("resnet9"), "wav2clip", wav2clip_file)


def thin(state: published.State) -> published.State:
    """The same names and shapes, of ones, in a file of a few kilobytes."""
    return {name: torch.ones(()).expand(value.shape) for name, value in state.items()}


def changed(**entries: Tensor | None) -> published.State:
    """SeLaVi's entries with some replaced, or without those that are None; ``__`` stands for a dot."""
    state: dict[str, Any] = thin(published.selavi()) | {name.replace("__", "."): value for name, value in entries.items()}
    return {name: value for name, value in state.items() if value is not None}


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        ({"audio_network__base__layer4__0__bn2__bias": None}, r"1 of 130 entries missing \(audio_network.base.layer4.0.bn2.bias \[512\]\)"),
        ({"mlp_a9__block_forward__8__bias": None}, r"1 of 130 entries missing \(mlp_a9.block_forward.8.bias \[28\]\)"),
        ({"audio_network__base__fc__bias": torch.ones(9)}, r"1 of 131 entries unexpected \(audio_network.base.fc.bias \[9\]\)"),
        (
            {"audio_network__base__conv1__weight": torch.ones(64, 3, 7, 7)},
            r"1 of 130 entries of another shape \(audio_network.base.conv1.weight \[64, 3, 7, 7\] for \[64, 1, 7, 7\]\)",
        ),
        ({"audio_network__base__bn1__bias": torch.full((64,), torch.nan)}, r"entries hold values that are not finite \(audio_network"),
        (
            {"mlp_a3__block_forward__8__weight": torch.ones(400, 512)},
            r"another shape \(mlp_a3.block_forward.8.weight \[400, 512\] for \[28",
        ),
    ],
)
def test_a_changed_selavi_file_is_refused(entries: dict[str, Tensor | None], message: str, saved: Save) -> None:
    """Missing, unexpected, misshapen and broken entries are counted and named; the encoder stays as it was."""
    ours = encoder("resnet9")
    with pytest.raises(WeightsError, match=message):
        initialise(ours, "selavi", saved(published.checkpoint(changed(**entries))))
    torch.testing.assert_close(ours.state_dict(), encoder("resnet9").state_dict(), rtol=0, atol=0)


def test_the_image_side_does_not_matter(saved: Save) -> None:
    """Whatever is there, or nothing."""
    broken = changed(video_network__base__stem__1__bias=torch.full((45,), torch.nan), video_network__x=torch.ones(2, dtype=torch.long))
    whole = initialise(encoder("resnet9"), "selavi", saved(published.checkpoint(broken)))
    bare = {name: value for name, value in changed().items() if not name.startswith(("video_network", "mlp_v"))}
    assert initialise(encoder("resnet9"), "selavi", saved(published.checkpoint(bare))).loaded == whole.loaded


def test_names_without_a_prefix_and_a_bare_table_are_taken(saved: Save) -> None:
    """``module.`` need not lead the names; a file of the model's table alone counts as well; and any number of clusters."""
    state = thin(published.selavi(n_clusters=309))
    expected = initialise(encoder("resnet9"), "selavi", saved(published.checkpoint(state))).loaded
    assert initialise(encoder("resnet9"), "selavi", saved({"epoch": 1, "model": state})).loaded == expected
    assert initialise(encoder("resnet9"), "selavi", saved(state)).loaded == expected


def test_files_of_the_old_format_are_taken(tmp_path: Path) -> None:
    """SeLaVi was trained with PyTorch 1.3.1, which wrote no zip files."""
    path = tmp_path / "old.pth"
    torch.save(published.checkpoint(thin(published.selavi())), path, _use_new_zipfile_serialization=False)
    assert initialise(encoder("resnet9"), "selavi", path).share > 0.9


def test_a_trainings_options_and_numbers_are_allowed_and_not_made(saved: Save) -> None:
    """Options and numpy's numbers may lie beside the weights, as far as they are listed."""
    more = {"args": argparse.Namespace(lr=0.1, nested=argparse.Namespace()), "lr": np.float64(0.5), "n": [np.int64(3), np.float32(1)]}
    assert initialise(encoder("resnet9"), "selavi", saved(published.checkpoint(thin(published.selavi()), **more))).share > 0.9


class Surprise:
    """What a pickle could run when it is opened."""

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        return (os.mkdir, ("opened",))  # noqa: PTH102 - a plain function, as an attacker would take


@pytest.mark.parametrize("idea", ["selavi", "wav2clip"])
@pytest.mark.parametrize("old", [False, True], ids=["zip", "old"])
def test_a_file_with_code_is_refused_unopened(idea: Any, old: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Anything but what is listed is refused by its name, and does not run."""
    monkeypatch.chdir(tmp_path)
    for name, content in {
        f"{os.mkdir.__module__}.mkdir": published.checkpoint(changed(), more=Surprise()),
        "fractions.Fraction": published.checkpoint(changed(), more=Fraction(1, 2)),
        "numpy._core.multiarray._reconstruct": published.checkpoint(changed(), more=np.array([Surprise()], dtype=object)),
    }.items():
        torch.save(content, tmp_path / "weights.pth", _use_new_zipfile_serialization=not old)
        with pytest.raises(WeightsError, match=rf"weights.pth holds more than weights \({name}\) and is not opened"):
            initialise(encoder("resnet18"), idea, tmp_path / "weights.pth")
    assert not (tmp_path / "opened").exists()


def test_listed_classes_are_for_a_trainings_dictionary_only(saved: Save) -> None:
    """Wav2CLIP's file is a table, and holds nothing else."""
    with pytest.raises(WeightsError, match=r"holds more than weights \(argparse.Namespace\)"):
        initialise(encoder("resnet18"), "wav2clip", saved(wav2clip_tests.released() | {"args": argparse.Namespace()}))


def test_foreign_files_are_refused(saved: Save, selavi_file: Path, wav2clip_file: Path, tmp_path: Path) -> None:
    """Exchanged files, other networks, other things, files cut short and none at all."""
    with pytest.raises(WeightsError, match=r"is not a published SeLaVi model: 130 of 130 entries missing .* unexpected \(audio_enc"):
        initialise(encoder("resnet18"), "selavi", wav2clip_file)
    with pytest.raises(WeightsError, match="selavi_ave.pth holds a dict, not a table of weights"):
        initialise(encoder("resnet18"), "wav2clip", selavi_file)
    with pytest.raises(WeightsError, match="is not the published Wav2CLIP model: .* entries missing"):
        initialise(encoder("resnet18"), "wav2clip", saved(thin(published.resnet9().state_dict())))
    for content in ([1, 2], {"epoch": 3}, {"model": 3}):
        with pytest.raises(WeightsError, match="not a table of weights by name"):
            initialise(encoder("resnet18"), "selavi", saved(content))
    cut = tmp_path / "cut.pth"
    cut.write_bytes(selavi_file.read_bytes()[:-1000])
    with pytest.raises(WeightsError, match="damaged"):
        initialise(encoder("resnet18"), "selavi", cut)
    with pytest.raises(WeightsError, match="no checkpoint at"):
        initialise(encoder("resnet18"), "selavi", tmp_path / "none.pth")
