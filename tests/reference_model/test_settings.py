"""Settings and presets of the reference model: every number with its source, every departure from the release named."""

import inspect
from dataclasses import fields
from typing import Any

import pytest
import torch

from adis_bench.configuration import load_preset, names_in
from adis_bench.errors import ConfigError
from reference_model.networks import Generator
from reference_model.settings import BASES, NetworkSettings, Settings, TrainerSettings

FULL = {
    "released": {},
    "appendix": {
        "learning_rate": 0.002,
        "ending": "zero",
        "n_blocks": 5,
        "n_decoder_blocks": 4,
        "audio_padding": 3,
        "peak_normalisation": False,
    },
    "no_structure": {"structure_weight": 0.0},
    "no_identity": {"identity_weight": 0.0},
    "silent_discriminator": {"discriminator_conditioning": "none"},
    "mismatched": {"mismatched": 1.0},
}
"""What each full preset changes of the release (protocol.md A, B, B.1)."""


def _of_preset(name: str) -> Settings:
    return Settings.from_table(load_preset(name).methods["ours"], "ours")


@pytest.mark.parametrize("name", FULL)
def test_full_presets(name: str):
    """A full preset is the release at 256 px but for the settings that it is named after."""
    released, found = Settings().flat(), _of_preset(name).flat()
    assert {key: value for key, value in found.items() if value != released[key]} == FULL[name]
    assert load_preset(name).resolution == 256


def test_the_release():
    """The defaults are the released code's numbers (protocol.md B)."""
    network, trainer = NetworkSettings(), TrainerSettings()
    assert (network.width, network.n_blocks, network.n_decoder_blocks, network.condition_size) == (64, 9, 0, 256)
    assert (network.discriminator_width, network.discriminator_layers, network.audio_padding) == (64, 3, 1)
    assert (network.conditioning, network.discriminator_conditioning, network.audio_encoder) == ("concat", "concat", "resnet18")
    assert (trainer.epochs, trainer.decay_epochs, trainer.batch_size) == (30, 20, 16)
    assert (trainer.learning_rate, trainer.beta1) == (0.0002, 0.5)
    assert (trainer.structure_weight, trainer.identity_weight, trainer.n_patches, trainer.temperature) == (0.5, 0.5, 256, 0.07)
    assert round(256 * trainer.load_scale) == 286


def test_the_appendix_decodes_four_blocks():
    """In the appendix's reading five blocks never hear the sound, and four follow it at the joined width."""
    with torch.device("meta"):
        generator = Generator(_of_preset("appendix").network)
    assert len(generator.blocks) == 5
    assert [block.conv1.weight.shape[:2] for block in generator.decoder_blocks] == [(512, 512)] * 4
    bottleneck, features = generator.encode(torch.zeros(1, 3, 64, 64, device="meta"))
    assert bottleneck.shape == (1, 256, 16, 16)
    assert features[-1].shape == bottleneck.shape
    assert generator.decode(bottleneck, torch.zeros(1, 256, device="meta")).shape == (1, 3, 64, 64)


@pytest.mark.parametrize("part", [NetworkSettings, TrainerSettings])
def test_every_setting_is_explained(part: type[Any]):
    """The docstring has a line for each setting, and a source."""
    text = inspect.getdoc(part) or ""
    assert [field.name for field in fields(part) if f"    {field.name}: " not in text] == []
    assert "protocol.md B" in text


@pytest.mark.parametrize("name", names_in("presets"))
def test_every_preset_can_be_used(name: str):
    """Each method's table in each preset gives settings, which survive being written down flat."""
    for method, table in load_preset(name).methods.items():
        settings = Settings.from_table(table, method)
        assert Settings.from_flat(settings.flat()) == settings


def test_bases():
    """Without a base a table changes the release; with one it changes that."""
    assert Settings.from_table({}, "ours") == Settings(*BASES["released"])
    assert Settings.from_table({"base": "light", "steps": 7}, "ours").network == BASES["light"][0]
    assert Settings.from_table({"base": "light", "steps": 7}, "ours").trainer.steps == 7


@pytest.mark.parametrize(
    ("table", "part"),
    [
        ({"base": "lite"}, "unknown base 'lite'; did you mean light"),
        ({"learning_rte": 1e-3}, "unknown setting 'learning_rte'; did you mean learning_rate"),
        ({"learning_rate": "fast"}, "learning_rate = 'fast' does not fit"),
        ({"learning_rate": 0.0}, "learning_rate = 0.0 does not fit: it must be above zero"),
        ({"structure_weight": -0.5}, "structure_weight = -0.5 does not fit"),
        ({"batch_size": 1.5}, "batch_size = 1.5 does not fit"),
        ({"batch_size": True}, "batch_size = True does not fit"),
        ({"ending": "soft"}, "ending = 'soft' does not fit"),
        ({"n_blocks": 0}, "n_blocks = 0 does not fit"),
        ({"learning_rate": float("nan")}, "learning_rate = nan does not fit: it must be finite"),
        ({"audio_padding": 7}, "audio_padding = 7 does not fit"),
        ({"beta1": 1.5}, "beta1 = 1.5 does not fit: it must be below 1"),
        ({"ema_decay": 2.0}, "ema_decay = 2.0 does not fit: it must be below 1"),
        ({"load_scale": 0.5}, "load_scale = 0.5 does not fit: it must be at least 1"),
        ({"epochs": 0, "decay_epochs": 0, "steps": 4}, "epochs = 0 does not fit: with decay_epochs = 0 the learning rate is 0"),
        ({"mismatched": 1.0, "discriminator_conditioning": "none"}, "mismatched = 1.0 does not fit: a discriminator that hears nothing"),
    ],
)
def test_what_means_nothing_is_refused(table: dict[str, Any], part: str):
    """A typo, a wrong type or sign is named with its table, in one line, before anything trains."""
    with pytest.raises(ConfigError, match=part) as caught:
        Settings.from_table(table, "ours")
    assert str(caught.value).startswith("[methods.ours]: ")
    assert "\n" not in str(caught.value)


def test_a_model_tells_its_settings():
    """A model's own table may lack settings that came later, and may not hold unknown ones: it comes from anybody."""
    assert Settings.from_flat({"width": 32}) == Settings(NetworkSettings(width=32))
    with pytest.raises(ConfigError, match="a model's provenance.*unknown setting 'widht'"):
        Settings.from_flat({"widht": 32})
