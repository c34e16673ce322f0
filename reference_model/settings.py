"""Every number of the reference model and its trainer, with its source."""

import json
import math
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Literal, Self

from pydantic import TypeAdapter, ValidationError

from adis_bench.errors import ConfigError
from adis_bench.registry import unknown


@dataclass(frozen=True, slots=True)
class NetworkSettings:
    """Sizes of the networks; the defaults are the release's (protocol.md B; Tinglok/avstyle b09dc1e).

    Attributes:
        width: channels of the generator's first layer (ngf 64).
        n_blocks: residual blocks that never see the condition (9; the appendix calls the first half of the
            generator its encoder, protocol.md B.1 row 4).
        n_decoder_blocks: further residual blocks, after the condition has joined (0: the release has none).
        conditioning: ``concat`` tiles the vector and joins it once after the blocks (the release);
            ``film`` scales and shifts every normalised map of the decoder (ours, small budgets); ``none`` leaves it out (models
            of two domains, such as the original CUT and CycleGAN).
        condition_size: length of the sound's or label's vector (256).
        antialias: blurred instead of strided sampling (True).
        upsampling: ``resize`` doubles (bilinear where antialiased, else nearest) before a convolution (the release and CUT);
            ``transposed`` has transposed convolutions (the original CycleGAN).
        initialisation: of generator, discriminator and patch sampler: ``xavier`` normal with gain 0.02 (the release and CUT) or
            ``normal`` with deviation 0.02 (the original CycleGAN; Zhu et al. 2017, appendix 7.1).
        discriminator_width: ndf (64).
        discriminator_layers: strided layers (3, a 70x70 patch).
        discriminator_conditioning: ``concat`` puts the spectrogram beside the image (the release);
            ``projection`` adds the inner product of the condition's vector and the image's features (ours);
            ``none`` judges the image alone (an ablation).
        audio_encoder: ``resnet18`` (the release), ``resnet9``, the trunk of SeLaVi with one block a layer instead of two, or
            ``bands``, two layers on the statistics of mel bands (ours, small budgets).
        front_end: what a ResNet sees of a sound: ``magnitude`` (the release), or what it was pretrained on: ``wav2clip`` (log
            power, standardised by each sound's own statistics) or ``selavi`` (log filterbank); protocol.md C. ``wav2clip-batch``
            standardises over the whole batch, as the published code does, ``selavi-z`` shifts and scales as some of its scripts
            do. ``bands`` has its own.
        audio_padding: of the ResNet's first convolution: 1 (the release passes a boolean there) or 3
            (torchvision's, and so the appendix's and the pretrained ones'; protocol.md B.1 row 5).
        peak_normalisation: divide each sound by 1.1 times its peak (the release); without it the volume
            can matter, as the abstract says it does (protocol.md B.1 row 12).
    """

    width: int = 64
    n_blocks: int = 9
    n_decoder_blocks: int = 0
    conditioning: Literal["concat", "film", "none"] = "concat"
    condition_size: int = 256
    antialias: bool = True
    upsampling: Literal["resize", "transposed"] = "resize"
    initialisation: Literal["xavier", "normal"] = "xavier"
    discriminator_width: int = 64
    discriminator_layers: int = 3
    discriminator_conditioning: Literal["concat", "projection", "none"] = "concat"
    audio_encoder: Literal["resnet18", "resnet9", "bands"] = "resnet18"
    front_end: Literal["magnitude", "wav2clip", "wav2clip-batch", "selavi", "selavi-z"] = "magnitude"
    audio_padding: Literal[1, 3] = 1
    peak_normalisation: bool = True


@dataclass(frozen=True, slots=True)
class TrainerSettings:
    """Optimisation; the defaults are the release's (protocol.md B).

    Attributes:
        epochs: epochs at the full learning rate (30).
        decay_epochs: epochs in which it falls (20). An epoch shows every training image once as a source.
        steps: optimiser steps in all, over which the epochs' schedule is stretched; 0: as many as the epochs take.
        ending: ``released`` lowers the rate after each epoch to 1 - (k - 30) / 21, so that the last one still
            has 1/21 of it; ``zero`` falls with every step, to zero (the appendix; protocol.md B.1 row 2).
        batch_size: image pairs per step, over all processes (16).
        accumulate: parts in which a process takes its share of a step, one after the other, to save memory
            (1). The audio encoder's batch statistics are then those of a part.
        learning_rate: Adam's, for every network (0.0002; the appendix says 0.002, protocol.md B.1 row 1).
        discriminator_rate: the discriminator's learning rate as a share of the others' (1).
        beta1: Adam's (0.5); beta2 is 0.999.
        structure_weight: lambda, weight of the structure term on the input (0.5).
        identity_weight: mu, weight of the structure term on the target (0.5).
        n_patches: locations per scale (256).
        temperature: of the patch NCE (0.07).
        mismatched: weight of real images with another segment's sound (or another label) of the batch
            as extra negatives of the discriminator (0: neither the paper nor the release has them).
        n_mismatched: how many wrong conditions each real image is judged with (1; all others of the
            batch cost next to nothing where the discriminator projects). They come from the same part of the
            batch, so a share that is too small for them is refused.
        ema_decay: decay of the averaged generator that is kept (0: none, the release).
        load_scale: images are enlarged by this factor before the random crop (286 / 256).
        crop_while_decaying: enlarge and crop in the decaying epochs too (False: the release doesn't there).
        training_precision: ``float32`` (the release), ``bf16`` autocast, or ``float64`` (checks of gradients).
        checkpoint_steps: steps between two checkpoints.
        flip_equivariance: mirror half of the batches before the generator and mirror its features back for the structure
            loss (False; FastCUT has it).
        pool_size: generated images from which a discriminator draws half of what it judges, where the method has such a
            history (50; Shrivastava et al. 2017, in CycleGAN). 0: none.
        audio_init: initial weights of the audio encoder: ``scratch`` (random), ``selavi`` or ``wav2clip`` (protocol.md C).
        audio_source: where those come from: ``published``, the authors' file; ``own``, the same idea trained on this
            dataset's training split; ``auto``, the file where it is here and the encoder is a ResNet, else own.
        audio_weights: path of a file or folder with those weights, in place of looking for one; empty: look.
        pretrain_steps: optimiser steps of an ``own`` pretraining.
        cycle_weight: cycle consistency, where the method has one (10; Zhu et al. 2017).
        identity_l1_weight: CycleGAN's identity term, relative to ``cycle_weight`` (0.5).
    """

    epochs: int = 30
    decay_epochs: int = 20
    steps: int = 0
    ending: Literal["released", "zero"] = "released"
    batch_size: int = 16
    accumulate: int = 1
    learning_rate: float = 2e-4
    discriminator_rate: float = 1.0
    beta1: float = 0.5
    structure_weight: float = 0.5
    identity_weight: float = 0.5
    n_patches: int = 256
    temperature: float = 0.07
    mismatched: float = 0.0
    n_mismatched: int = 1
    ema_decay: float = 0.0
    load_scale: float = 286 / 256
    crop_while_decaying: bool = False
    training_precision: Literal["float32", "bf16", "float64"] = "float32"
    checkpoint_steps: int = 500
    flip_equivariance: bool = False
    pool_size: int = 50
    audio_init: Literal["scratch", "selavi", "wav2clip"] = "scratch"
    audio_source: Literal["auto", "published", "own"] = "auto"
    audio_weights: str = ""
    pretrain_steps: int = 2000
    cycle_weight: float = 10.0
    identity_l1_weight: float = 0.5


@dataclass(frozen=True, slots=True)
class Settings:
    """Networks and trainer of one method."""

    network: NetworkSettings = NetworkSettings()
    trainer: TrainerSettings = TrainerSettings()

    @classmethod
    def from_table(cls, table: Mapping[str, Any], method: str) -> Self:
        """Settings from a preset's flat ``[methods.NAME]`` table; ``base`` in it names what the rest changes.

        Raises:
            ConfigError: a base or a name that is not known, with near ones.
        """
        base = table.get("base", "released")
        if base not in BASES:
            raise ConfigError(f"[methods.{method}]: {unknown('base', str(base), list(BASES))}")
        settings = cls(*BASES[base])
        for name, value in table.items():
            if name == "base":
                continue
            part = next((p for p in ("network", "trainer") if name in _names(getattr(settings, p))), None)
            if part is None:
                known = [*_names(settings.network), *_names(settings.trainer)]
                raise ConfigError(f"[methods.{method}]: {unknown('setting', name, known)}")
            settings = replace(settings, **{part: replace(getattr(settings, part), **{name: value})})
        _check(settings.network, method)
        _check(settings.trainer, method)
        _check_sense(settings, method)
        return settings

    @classmethod
    def from_flat(cls, table: Mapping[str, Any]) -> Self:
        """Settings as ``flat`` gave them; what a model of an older version doesn't say is the release's.

        Raises:
            ConfigError: a name that is not known or a value that does not fit: the table may come from anybody.
        """
        return cls.from_table({**table, "base": "released"}, "a model's provenance")

    def flat(self) -> dict[str, Any]:
        """All settings as one table."""
        return {**asdict(self.network), **asdict(self.trainer)}

    def telling(self) -> dict[str, Any]:
        """What decides a training's end: the settings that differ from the defaults, so that a new one changes no old digest.

        A default that is changed later changes what the others mean: then ``store.CODE_VERSION`` must be raised.
        """
        defaults = type(self)().flat()
        return {name: value for name, value in self.flat().items() if value != defaults[name] and name not in TELL_NOTHING}

    def differences(self, published: str = "released", unused: Collection[str] = ()) -> list[str]:
        """Where these settings depart from those that a method was published with (a name of ``BASES``), one sentence each.

        Those that mean nothing to the method, ``unused``, are left out.
        """
        origin = type(self)(*BASES[published]).flat()
        words, who = {("steps", 0): "as many as the epochs take"}, WHOSE[published]
        return [
            f"{name}: {value} ({who}: {words.get((name, origin[name]), origin[name])})"
            for name, value in self.flat().items()
            if value != origin[name] and name not in TELL_NOTHING and name not in unused
        ]


LIGHT = (
    NetworkSettings(
        width=16,
        n_blocks=2,
        n_decoder_blocks=3,
        conditioning="film",
        condition_size=64,
        antialias=False,
        discriminator_width=32,
        discriminator_conditioning="projection",
        audio_encoder="bands",
    ),
    TrainerSettings(
        ending="zero",
        batch_size=8,
        learning_rate=1e-3,
        discriminator_rate=0.5,
        n_patches=64,
        mismatched=1.0,
        n_mismatched=7,
        ema_decay=0.998,
        load_scale=1.0,
        training_precision="bf16",
    ),
)
"""Networks that learn to listen within minutes on two cores at 64 px.

Measured on the demo world: with the release's conditioning the sound was ignored after 800 steps; with a
discriminator that compares the sound with the style of the image (``projection``), all other sounds of the
batch as negatives and half its learning rate, 900 steps of 8 pairs (3 minutes) bring the mean distance to
the exact answer from 39 to 11.5 Delta E.
"""
MAY_BE_ZERO = frozenset(
    {
        "n_decoder_blocks",
        "antialias",
        "peak_normalisation",
        "audio_padding",
        "epochs",
        "decay_epochs",
        "steps",
        "crop_while_decaying",
        "beta1",
        "structure_weight",
        "identity_weight",
        "mismatched",
        "ema_decay",
        "cycle_weight",
        "identity_l1_weight",
        "flip_equivariance",
        "pool_size",
    }
)
"""Settings for which 0 means "without"."""
AT_MOST = {"n_blocks": 64, "n_decoder_blocks": 64, "pool_size": 1000}
"""Seven and twenty times what was published. Settings may come from anybody's model, and even names of layers take memory."""
CUT = (NetworkSettings(), TrainerSettings(epochs=200, decay_epochs=200, crop_while_decaying=True))
"""CUT as published, but for the batch: 16, as all methods here have, not 1.

Source: Park et al., ECCV 2020; taesungp/contrastive-unpaired-translation, models/cut_model.py (both structure terms with half
of lambda_NCE = 1) and options (200 + 200 epochs, 286 to 256 px throughout). The network settings are those of the ADIS release,
which took them from CUT.
"""
FASTCUT = (
    NetworkSettings(),
    replace(CUT[1], epochs=150, decay_epochs=50, structure_weight=10.0, identity_weight=0.0, flip_equivariance=True),
)
"""Source: the same file, its mode FastCUT."""
CYCLEGAN = (
    NetworkSettings(antialias=False, upsampling="transposed", initialisation="normal"),
    TrainerSettings(epochs=100, decay_epochs=100, crop_while_decaying=True),
)
"""CycleGAN as published, but for the batch: 16, not 1.

Source: Zhu et al. 2017 (arXiv 1703.10593), section 4 and appendix 7.1: 100 + 100 epochs, N(0, 0.02), a history of 50 images,
lambda 10; the identity term with half of it (section 5.2) is the default of the authors' code, cycle_gan_model.py.
"""
BASES = {
    "released": (NetworkSettings(), TrainerSettings()),
    "light": LIGHT,
    "cut": CUT,
    "fastcut": FASTCUT,
    "cyclegan": CYCLEGAN,
}
WHOSE = {"released": "release", "light": "light", "cut": "CUT", "fastcut": "FastCUT", "cyclegan": "CycleGAN"}
"""What a difference calls the origin."""
TELL_NOTHING = frozenset({"checkpoint_steps", "audio_weights", "audio_source", "pretrain_steps"})
"""Settings that don't decide what a training ends with: its checkpoints, and whence initial weights come whose digest is told."""
OF_SOUNDS = frozenset({"audio_encoder", "front_end", "audio_padding", "peak_normalisation"})
OF_STARTS = frozenset({"audio_init", "audio_source", "audio_weights", "pretrain_steps"})
OF_CYCLES = frozenset({"cycle_weight", "identity_l1_weight"})
OF_STRUCTURE = frozenset({"structure_weight", "identity_weight", "n_patches", "temperature", "flip_equivariance"})
OF_HISTORY = frozenset({"pool_size"})
"""Settings that mean nothing to a method without sounds, pretrained encoders, a cycle, a structure loss, a history of images."""


def _check(part: NetworkSettings | TrainerSettings, method: str) -> None:
    """Types, allowed words and signs: a typo must not train for hours and mean nothing."""
    for name, value in asdict(part).items():
        if isinstance(value, float) and not math.isfinite(value):
            raise ConfigError(f"[methods.{method}]: {name} = {value} does not fit: it must be finite")
    try:
        TypeAdapter(type(part)).validate_json(json.dumps(asdict(part)), strict=True)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(piece) for piece in first["loc"])
        raise ConfigError(f"[methods.{method}]: {name} = {first['input']!r} does not fit: {first['msg']}") from error
    for name, value in asdict(part).items():
        if isinstance(value, (int, float)) and (value < 0 or (value == 0 and name not in MAY_BE_ZERO)):
            raise ConfigError(f"[methods.{method}]: {name} = {value} does not fit: it must be above zero")
        if name in AT_MOST and value > AT_MOST[name]:
            raise ConfigError(f"[methods.{method}]: {name} = {value} does not fit: it must be at most {AT_MOST[name]}")


def _check_sense(settings: Settings, method: str) -> None:
    """Values that fit by themselves, but train nothing or something else than they say."""
    trainer = settings.trainer
    wrong = {
        "beta1": (trainer.beta1 >= 1, "it must be below 1"),
        "ema_decay": (trainer.ema_decay >= 1, "it must be below 1, or the kept weights never move"),
        "load_scale": (trainer.load_scale < 1, "it must be at least 1, or there is no room for the crop"),
        "audio_weights": (
            bool(trainer.audio_weights) and trainer.audio_source == "own",
            "audio_source = own looks for no file; leave one of them out",
        ),
        "epochs": (
            trainer.epochs + trainer.decay_epochs == 0,
            "with decay_epochs = 0 the learning rate is 0; set one of them, also with steps",
        ),
        "conditioning": (
            settings.network.conditioning == "none",
            "a generator that is given nothing cannot follow a sound or a label",
        ),
        "front_end": (
            settings.network.audio_encoder == "bands" and settings.network.front_end != "magnitude",
            "audio_encoder = bands has a front end of its own; leave it out, or take a ResNet",
        ),
        "mismatched": (
            trainer.mismatched > 0 and settings.network.discriminator_conditioning == "none",
            "a discriminator that hears nothing (discriminator_conditioning = none) can't tell wrong sounds",
        ),
    }
    flat = settings.flat()
    for name, (found, reason) in wrong.items():
        if found:
            raise ConfigError(f"[methods.{method}]: {name} = {flat[name]} does not fit: {reason}")


def _names(part: Any) -> list[str]:
    return [f.name for f in fields(part)]
