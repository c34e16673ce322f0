"""How long a training lasts and how its learning rate falls."""

from dataclasses import dataclass

from reference_model.settings import TrainerSettings


@dataclass(frozen=True, slots=True)
class Schedule:
    """Steps and learning rates of a training on data of a given size.

    Attributes:
        settings: the trainer's settings.
        epoch_steps: steps in which every training image is a source once.
    """

    settings: TrainerSettings
    epoch_steps: int

    @property
    def n_steps(self) -> int:
        """Optimiser steps in all: the settings' own number, else as many as the epochs take."""
        return self.settings.steps or self._n_epochs * self.epoch_steps

    @property
    def _n_epochs(self) -> int:
        return self.settings.epochs + self.settings.decay_epochs

    def _position(self, step: int) -> float:
        """Epochs of the schedule that lie behind a step; stretched where ``steps`` says how many there are."""
        return step * self._n_epochs / self.n_steps

    def decays(self, step: int) -> bool:
        """Whether a step lies in the epochs in which the rate falls."""
        return self._position(step) >= self.settings.epochs

    def learning_rate(self, step: int) -> float:
        """The rate of a step, counted from 0.

        ``released``: after each epoch, 1 for epochs k <= 30, then 1 - (k - 30) / 21 (protocol.md B;
        Tinglok/avstyle b09dc1e, models/networks.py, get_scheduler). ``zero``: with every step, linearly
        to zero (the appendix; protocol.md B.1 row 2).
        """
        rate, decay = self.settings.learning_rate, self.settings.decay_epochs
        if self.settings.ending == "released":
            epoch = int(self._position(step)) + 1
            return rate * (1.0 - max(0, epoch - self.settings.epochs) / (decay + 1))
        return rate * min(1.0, (self._n_epochs - self._position(step)) / max(decay, 1e-9))
