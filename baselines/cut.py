"""CUT and FastCUT with labels: patch-wise contrastive translation, conditioned on the target's label."""

from typing import ClassVar

from adis_bench.methods.protocol import Conditioning
from baselines.labels import LABEL_READING, label_encoders
from reference_model.method import TrainedMethod
from reference_model.objective import Contrastive, Objective
from reference_model.settings import OF_CYCLES, OF_HISTORY, OF_SOUNDS, OF_STARTS


class Cut(TrainedMethod):
    """One label-conditioned CUT for all pairs of classes."""

    name = "cut"
    description = "label-conditioned CUT: adversarial with label and image, patch-wise contrastive structure loss"
    citation = "Contrastive Learning for Unpaired Image-to-Image Translation, ECCV 2020"
    conditions_on: ClassVar[Conditioning] = "label"
    published = "cut"
    unused = OF_SOUNDS | OF_STARTS | OF_CYCLES | OF_HISTORY
    extra_differences = (LABEL_READING,)

    def objective(self, n_labels: int) -> Objective:
        """The objective of ``ours`` with labels for sounds."""
        encoders = label_encoders(n_labels, self.settings.network, self.resolution)
        # Drawn in this order the first weights are those that the packaged model began with.
        heard = encoders.discriminator()
        return Contrastive(self.settings, encoders.generator(), heard)


class FastCut(Cut):
    """CUT without the structure term on the target, a stronger one on the source, and flip equivariance."""

    name = "fastcut"
    description = "label-conditioned FastCUT: CUT with one structure term, ten times as strong, and flip equivariance"
    published = "fastcut"
