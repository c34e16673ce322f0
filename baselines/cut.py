"""CUT with labels: patch-wise contrastive translation, conditioned on the target's label."""

from typing import ClassVar

from adis_bench.methods.protocol import Conditioning
from baselines.labels import discriminator_label_encoder, label_encoder
from reference_model.method import TrainedMethod
from reference_model.objective import Contrastive, Objective

LABEL_READING = "how labels entered the paper's baselines is not published: here a learned vector, where ours has the sound's"
SHARED_READING = "networks, trainer and their settings are those of ours (the ADIS release), not those of the original paper"


class Cut(TrainedMethod):
    """One label-conditioned CUT for all pairs of classes."""

    name = "cut"
    description = "label-conditioned CUT: adversarial with label and image, patch-wise contrastive structure loss"
    citation = "Contrastive Learning for Unpaired Image-to-Image Translation, ECCV 2020"
    conditions_on: ClassVar[Conditioning] = "label"
    extra_differences = (LABEL_READING, SHARED_READING)

    def objective(self, n_labels: int) -> Objective:
        """The objective of ``ours`` with labels for sounds."""
        network = self.settings.network
        heard = discriminator_label_encoder(n_labels, network, self.options.resolution)
        return Contrastive(self.settings, label_encoder(n_labels, network), heard)
