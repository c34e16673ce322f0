"""What the audio encoder of ``ours`` starts from: published weights, a pretraining of the suite's own, or nothing."""

import json
from pathlib import Path

import pytest
import torch

from adis_bench.datasets.records import Dataset
from adis_bench.errors import ConfigError, WeightsError
from adis_bench.methods.protocol import MethodOptions
from adis_bench.registry import load
from adis_bench.spec import method_specs
from reference_model import store
from reference_model.audio_start import OwnStart, PublishedStart
from reference_model.method import open_model
from reference_model.ours import Ours, OursSelavi, OursWav2Clip
from tests.reference_model import published
from tests.reference_model.conftest import TINY

SETTINGS = {**TINY, "steps": 2, "pretrain_steps": 2}
RESNET = {**SETTINGS, "audio_encoder": "resnet18", "condition_size": 8}


def method(kind: type[Ours], **settings: object) -> Ours:
    """A method at 32 px."""
    return kind(MethodOptions(resolution=32, settings={**SETTINGS, **settings}))


@pytest.fixture
def selavi_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A made-up file of SeLaVi's among the weights."""
    folder = tmp_path / "weights"
    folder.mkdir()
    monkeypatch.setenv("ADIS_BENCH_WEIGHTS", str(folder))
    torch.save(published.checkpoint(published.selavi()), folder / "selavi_vgg_sound.pth")
    return folder / "selavi_vgg_sound.pth"


def test_variants_are_methods_of_their_own_name() -> None:
    """``ours:selavi`` is a plug-in, not a model's path; what stands behind it is one."""
    assert [(s.name, s.variant, s.label) for s in method_specs(["ours:selavi", "ours:wav2clip:models/a", "ours:models/b"], [])] == [
        ("ours:selavi", None, "ours-selavi"),
        ("ours:wav2clip", "models/a", "ours-wav2clip-a"),
        ("ours", "models/b", "ours-b"),
    ]
    assert load("methods", "ours:selavi") is OursSelavi
    assert method(OursSelavi, audio_init="wav2clip").settings.trainer.audio_init == "selavi"


def test_the_start_is_part_of_the_recipe(world: Dataset) -> None:
    """Random, SeLaVi, Wav2CLIP and a longer pretraining make four models; the digests are known before anything is trained."""
    made = [method(Ours), method(OursSelavi), method(OursWav2Clip), method(OursSelavi, pretrain_steps=3)]
    for each in made:
        each.prepare(world.split("train"))
    assert len({each.recipe(world.split("train")).digest for each in made}) == 4
    assert [bool(each.initial_digest) for each in made] == [False, True, True, True]
    assert not (store.cache_dir() / "models").exists()


@pytest.mark.parametrize("kind", [OursSelavi, OursWav2Clip])
def test_without_published_weights_the_suite_pretrains(kind: type[Ours], world: Dataset, tmp_path: Path) -> None:
    """The whole encoder comes from a pretraining on the training split, and the provenance and the folder say so."""
    ours = method(kind)
    ours.fit(world.split("train"), tmp_path)
    start = ours._start
    assert isinstance(start, OwnStart)
    fresh = ours._fresh_objective()
    ours.initialise(fresh)
    found, _ = store.load(lambda: torch.nn.ModuleDict({"C": fresh.inference["C"]}), start._folder())
    for name, value in found["C"].state_dict().items():
        torch.testing.assert_close(fresh.inference["C"].state_dict()[name], value, rtol=0, atol=0)
    told = ours.provenance()
    assert "pretraining by" in told["audio_init"]
    assert told["audio_init"] in told["differences"]
    json.dumps(told)


def test_a_published_file_is_taken_where_it_is_here(
    selavi_file: Path, world: Dataset, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The mapping is printed and kept; a file whose digest nobody published is called unverified."""
    ours = OursSelavi(MethodOptions(resolution=32, settings=RESNET))
    ours.fit(world.split("train"), tmp_path)
    assert isinstance(ours._start, PublishedStart)
    printed = capsys.readouterr().err
    assert "selavi_vgg_sound.pth" in printed
    assert "left at random trunk.net.layer1.1" in printed
    told = ours.provenance()
    assert "44% of the audio encoder starts from SeLaVi's selavi_vgg_sound.pth (UNVERIFIED" in told["audio_init"]
    assert told["audio_mapping"]["loaded"]
    # The small encoder on mel bands can't take it, and pretrains.
    small = method(OursSelavi)
    small.prepare(world.split("train"))
    assert isinstance(small._start, OwnStart)


def test_weights_can_be_named(selavi_file: Path, world: Dataset, tmp_path: Path) -> None:
    """By a file's path or a pretraining's folder; where they lie doesn't change the recipe."""
    train = world.split("train")
    by_path = OursSelavi(MethodOptions(resolution=32, settings={**RESNET, "audio_weights": str(selavi_file)}))
    found = OursSelavi(MethodOptions(resolution=32, settings=RESNET))
    for each in (by_path, found):
        each.prepare(train)
    assert by_path.recipe(train).digest == found.recipe(train).digest
    own = method(OursSelavi)
    own.prepare(train)
    assert isinstance(own._start, OwnStart)
    in_folder = method(OursSelavi, audio_weights=str(own._start._folder()))
    in_folder.fit(train, tmp_path)
    assert "pretraining by SeLaVi" in in_folder.provenance()["audio_init"]
    folder = str(own._start._folder())
    with pytest.raises(WeightsError, match="holds another encoder than the settings ask for"):
        method(OursSelavi, audio_weights=folder, condition_size=12)


@pytest.mark.parametrize(
    ("settings", "error", "part"),
    [
        ({"audio_source": "published"}, ConfigError, "weights are a ResNet's, audio_encoder is bands"),
        ({"audio_source": "published", "audio_encoder": "resnet18"}, WeightsError, "weights fetch selavi-vgg-sound"),
        ({"audio_weights": "nowhere.pth"}, WeightsError, "nowhere.pth is not there"),
        ({"audio_init": "selavo"}, ConfigError, "audio_init"),
    ],
)
def test_what_cannot_be_is_said_at_once(settings: dict[str, str], error: type[Exception], part: str, world: Dataset) -> None:
    """One line each, before anything is trained."""
    kind = Ours if "audio_init" in settings else OursSelavi
    with pytest.raises(error, match=part):
        method(kind, **settings)


def test_a_file_that_does_not_fit_is_refused_before_anything_is_computed(selavi_file: Path, tmp_path: Path) -> None:
    """Text in place of weights, and another network's weights, when the method is made; a file that is named is called unverified."""
    text = tmp_path / "text.pth"
    text.write_text("no weights")
    foreign = tmp_path / "foreign.pth"
    torch.save({"model": {"audio_network.base.conv1.weight": torch.zeros(1)}}, foreign)
    for path, part in ((text, "text.pth"), (foreign, "entries missing")):
        with pytest.raises(WeightsError, match=part):
            OursSelavi(MethodOptions(resolution=32, settings={**RESNET, "audio_weights": str(path)}))
    named = OursSelavi(MethodOptions(resolution=32, settings={**RESNET, "audio_weights": str(selavi_file)}))
    named.prepare(Dataset(tmp_path, "none", {}, "class", {}, ()))
    assert isinstance(named._start, PublishedStart)
    assert "UNVERIFIED" in named._start.caution


@pytest.mark.parametrize("kind", ["cut", "cyclegan", "avstyle-cyclegan"])
def test_only_ours_starts_pretrained(kind: str) -> None:
    """A preset that asks another method for pretrained weights is refused, not ignored."""
    with pytest.raises(ConfigError, match=f"audio_init means nothing to {kind}"):
        load("methods", kind)(MethodOptions(resolution=32, settings={**TINY, "audio_init": "selavi"}))


def test_a_misspelt_variant_suggests_the_near_one() -> None:
    """It is no model's path either."""
    with pytest.raises(ConfigError, match="did you mean ours:selavi"):
        Ours(MethodOptions(resolution=32, variant="sealvi"))


def test_no_place_of_this_machine_is_kept(selavi_file: Path, world: Dataset, tmp_path: Path) -> None:
    """Neither the recipe nor the provenance holds the path of the weights."""
    ours = OursSelavi(MethodOptions(resolution=32, settings={**RESNET, "audio_weights": str(selavi_file)}))
    ours.fit(world.split("train"), tmp_path)
    assert str(selavi_file.parent) not in json.dumps(dict(ours.provenance()))


def test_a_trained_variant_is_opened_by_its_own_name(world: Dataset, tmp_path: Path) -> None:
    """``ours:selavi:FOLDER``; under another name the folder is refused."""
    ours = method(OursSelavi)
    ours.fit(world.split("train"), tmp_path)
    folder = store.folder(ours.recipe(world.split("train")))
    opened = open_model(f"ours:selavi:{folder}")
    assert "pretraining by" in opened.provenance()["audio_init"]
    with pytest.raises(WeightsError, match="holds a model of method 'ours:selavi', not 'ours'"):
        open_model(f"ours:{folder}")
