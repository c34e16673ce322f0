"""Distance to the exact answer, which only the demo world has."""

import numpy as np

from adis_bench.metrics.protocol import PAIRS_FEWER, PAIRS_NEEDED, Batch, Floats, Need, Reference, ReferenceSplit, given


class OracleDistance:
    """Mean colour difference between the output and the exact answer."""

    name = "oracle_distance"
    description = (
        "Mean CIELAB colour difference (CIE76) between the output and the exact answer, half the resolution; "
        "counts shifted texture as an error. Blind to whether the colours that are off "
        "matter to anybody; only the demo world has the answer."
    )
    source = "CIE 15:2004, Eq. 8.12: the Euclidean distance in CIELAB."
    unit = "delta E (CIE76)"
    higher_is_better = False
    value_range = (0.0, float("inf"))
    n_needed, when_fewer = PAIRS_NEEDED, PAIRS_FEWER
    image_extractor = "lab"
    audio_extractor: str | None = None
    needs: frozenset[Need] = frozenset({"oracle"})
    reference_split: ReferenceSplit | None = None
    beside: str | None = None
    right_control, wrong_control = "oracle", "shuffled"
    unscored_reason = "the output's or the exact answer's colours are not finite"

    def score(self, batch: Batch, reference: Reference | None) -> Floats:
        """float64 [n], 0 to about 260.

        Args:
            batch: outputs and oracles are float32 [n, pixels * 3] with L*, a*, b* of a pixel side by side.
            reference: not used.
        """
        difference = np.asarray(batch.outputs, np.float64) - np.asarray(given(batch.oracles, "oracles"), np.float64)
        pixels = difference.reshape(len(difference), -1, 3)
        distance = np.sqrt(np.einsum("npc,npc->np", pixels, pixels)).mean(axis=1)
        return np.where(np.isfinite(distance), distance, np.nan)
