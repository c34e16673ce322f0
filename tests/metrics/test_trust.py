"""Why a metric could not be checked is told by its true reason."""

import numpy as np
import pytest

from adis_bench.metrics.evaluate import Evaluation, evaluate
from adis_bench.metrics.label_similarity import LabelSimilarity
from adis_bench.metrics.protocol import Batch, Reference
from adis_bench.metrics.trust import cannot_tell

N, SOUNDS = 60, np.arange(60) % 12
ONE_SOUND = SOUNDS == 0
NOT_ASKED = {"target": "not asked for 55 of 60 pairs, where the target sound has no frame", "ours": "not asked for 1 of 60 pairs, where x"}


def _evaluated(*rowless: int) -> Evaluation:
    """`target` has an output where the sound is the first of twelve, but for ``rowless`` pairs."""
    rng, labels = np.random.default_rng(0), np.arange(N) % 3
    frames = Reference(rng.standard_normal((30, 8)), np.arange(30) % 3, np.arange(30), 3)
    images = {name: rng.standard_normal((N, 8)) for name in ("target", "shuffled")}
    images["target"][~ONE_SOUND] = np.nan
    images["target"][list(rowless)] = np.nan
    batches = {name: Batch(values, labels) for name, values in images.items()}
    return evaluate(LabelSimilarity(), batches, frames, np.arange(N), SOUNDS, seed=0)


def test_pairs_that_a_control_was_not_asked_for_are_no_fault_of_the_images():
    """The words of the method stand where the metric would guess at embeddings; the reason for the lacking interval stays."""
    assert "55 of 60 pairs not scored: an embedding of zero norm" in cannot_tell(LabelSimilarity(), _evaluated())
    said = cannot_tell(LabelSimilarity(), _evaluated(), NOT_ASKED)
    start = "label_similarity could not be checked on target against shuffled: target was not asked for 55 of 60 pairs, where the target"
    assert said.startswith(start)
    assert "zero norm" not in said
    assert "no interval" in said
    assert "ours" not in said


@pytest.mark.parametrize("rowless", [(0,), tuple(np.flatnonzero(ONE_SOUND))])
def test_what_is_unscored_beyond_them_keeps_its_reason(rowless: tuple[int, ...]):
    """One or all of the asked pairs without a score are not laid to the missing frames."""
    said = cannot_tell(LabelSimilarity(), _evaluated(*rowless), NOT_ASKED)
    assert "target was not asked for 55 of 60 pairs" in said
    assert "an embedding of zero norm" in said
