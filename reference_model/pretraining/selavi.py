"""SeLaVi's idea: segments are given labels that sound and image agree on, and both towers learn to tell them."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from reference_model.audio import SoundEncoder
from reference_model.pretraining.idea import Idea
from reference_model.pretraining.material import Batch, Material
from reference_model.pretraining.sinkhorn import Marginals, self_labels

HEADS = 10
"""Source: facebookresearch/selavi, README (headcount 10)."""
SEGMENTS_A_CLUSTER, FEWEST, MOST = 20, 4, 256
"""Default number of clusters, from the number of segments alone (ours; the release is given the number of classes)."""
N_RELABELLINGS, POWER = 80, 1.5
"""How often labels are made anew, more often early on. Source of the power: opt.py (schedulepower); there 160 in 200 epochs (nopts)."""
HIDDEN = 256
"""Width of the image tower (ours; 512 in the release, behind an R(2+1)D-18 that is trained as well)."""
DIFFERENCES = (
    "image side: an MLP on frozen statistics of EfficientNet-Lite0's middle layer (ImageNet), not an R(2+1)D-18 on video from scratch",
    "audio heads are linear on the encoder's vector, since that vector is what is handed on (released: an MLP on the trunk)",
    "heads share one hidden layer on the image's side, and no features are L2-normalised",
    "no initial alignment of the two modalities' clusters, and all heads see the same views (released: match, ind_groups 2)",
    "gaussian marginals give the largest size to the cluster that is wanted most (released code: the smallest, by an inversion)",
    "sounds are mixed with others and with noise (released: optional changes of volume)",
    "AdamW with a falling rate (released: SGD with momentum)",
    "trained on this dataset's training split, 3 s of sound (released: VGGSound, AVE or Kinetics, 1 s)",
)


@dataclass(frozen=True, slots=True)
class SelaviSettings:
    """How segments are labelled.

    Attributes:
        heads: independent labellings.
        clusters: labels of each; 0: one for every 20 segments, 4 to 256.
        marginals: ``equal`` cluster sizes (released: default) or ``gaussian`` ones (released: gauss).
    """

    heads: int = HEADS
    clusters: int = 0
    marginals: Marginals = "equal"

    def n_clusters(self, n_segments: int) -> int:
        """The number of labels for so many segments."""
        return self.clusters or max(FEWEST, min(MOST, n_segments // SEGMENTS_A_CLUSTER))


class Selavi(Idea):
    """Heads over the encoder's vectors and over an MLP of the image features, and labels that are made anew now and then.

    Source: Asano et al., arXiv 2006.13662; facebookresearch/selavi 39b677c, main.py, model.py; 4756164, src/sk_utils.py.
    """

    labels: Tensor

    def __init__(self, encoder: SoundEncoder, sizes: tuple[int, int, int], settings: SelaviSettings, run: tuple[int, int]) -> None:
        """``sizes``: lengths of the encoder's vectors and of the image features, and the number of segments; ``run``: steps and seed."""
        super().__init__(encoder)
        size, n_features, n_segments = sizes
        self._settings, (n_steps, self._seed) = settings, run
        self._n_clusters = settings.n_clusters(n_segments)
        n_outputs = settings.heads * self._n_clusters
        self.sound = nn.Linear(size, n_outputs)
        self.image = nn.Sequential(nn.Linear(n_features, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, n_outputs))
        self.register_buffer("labels", torch.zeros(n_segments, settings.heads, dtype=torch.int64))
        self._schedule = {round(n_steps * (i / N_RELABELLINGS) ** POWER) for i in range(N_RELABELLINGS)}

    def prepare(self, step: int, material: Material) -> dict[str, float]:
        """Label all segments anew where it is time to; the share of labels that changed."""
        if step not in self._schedule:
            return {}
        generator = torch.Generator().manual_seed(self._seed * 1_000_003 + step)
        with torch.inference_mode():
            sounds = self._log_chances(self.sound(self.heard(material)))
            images = self._log_chances(self.image(material.mean_features().to(self.device)))
            found = self_labels(sounds, images, self._settings.marginals, generator)
        changed = float((found != self.labels).float().mean())
        self.labels.copy_(found)
        return {"labels_changed": changed}

    def loss(self, batch: Batch) -> Tensor:
        """Scalar: mean cross-entropy of both towers to the shared labels, over all heads."""
        targets = self.labels[batch.rows].T.flatten()
        sounds = self._log_chances(self.sound(self.encoder.trunk(batch.pictures))).flatten(0, 1)
        images = self._log_chances(self.image(batch.features)).flatten(0, 1)
        return (F.nll_loss(sounds, targets) + F.nll_loss(images, targets)) / 2

    def match(self, sounds: Tensor, features: Tensor) -> Tensor:
        """float32 [N, M]: how likely both are given the same label, mean over heads."""
        ours, theirs = self._log_chances(self.sound(sounds)).exp(), self._log_chances(self.image(features)).exp()
        return (ours @ theirs.transpose(1, 2)).mean(dim=0)

    def clusters(self, sounds: Tensor) -> Tensor:
        """int64 [N, H]: each head's most likely label."""
        return self._log_chances(self.sound(sounds)).argmax(dim=2).T

    def _log_chances(self, outputs: Tensor) -> Tensor:
        """[H, N, K] of [N, H * K]."""
        return outputs.view(len(outputs), self._settings.heads, self._n_clusters).log_softmax(dim=2).transpose(0, 1)
