"""Who beats whom: on which share of the pairs the row's method is better than the column's."""

from collections.abc import Mapping

from adis_bench.results import Difference, MetricRecord
from reports.data import RunData
from reports.drawing import Drawn, Medium, NotDrawn, drawing_on
from reports.findings import LEVEL_P
from reports.lettering import wrapped
from reports.matrix import Tile, matrix
from reports.paper_figures.captions import basis, file_name, sentences
from reports.style import METHOD_COLORS


def draw_wins(run: RunData, medium: Medium) -> list[Drawn]:
    """A figure for each headline metric that scores pairs and tells right images from wrong ones.

    Raises:
        NotDrawn: there is no such metric, or nothing was compared.
    """
    if not run.asked:
        raise NotDrawn("only controls were run")
    found = [(metric, _shares(run, metric)) for metric in run.headline if metric.kind == "pair"]
    found = [(metric, shares) for metric, shares in found if shares]
    if not found:
        raise NotDrawn("no two methods were compared pair by pair")
    working = [(metric, shares) for metric, shares in found if not metric.failure]
    if not working:
        raise NotDrawn("no metric that scores pairs tells right images from wrong ones on this data")
    return [_drawn(run, metric, shares, medium) for metric, shares in working]


def _shares(run: RunData, metric: MetricRecord) -> Mapping[tuple[str, str], tuple[float, Difference]]:
    """Share of the pairs on which the first is better, ties counting half, and the record that says so; both ways round."""
    found: dict[tuple[str, str], tuple[float, Difference]] = {}
    for one in run.results.differences:
        if one.metric == metric.name and one.share_better is not None:
            found[one.method, one.against] = (one.share_better, one)
            found.setdefault((one.against, one.method), (1 - one.share_better, one))
    return found


def _drawn(run: RunData, metric: MetricRecord, shares: Mapping[tuple[str, str], tuple[float, Difference]], medium: Medium) -> Drawn:
    rows = [m.label for m in run.methods if any(first == m.label for first, _ in shares)]
    # Controls meet only the controls of reference: the others would be columns of holes.
    against = {one.against for _, one in shares.values()}
    columns = [label for label in rows if label in against or label in {m.label for m in run.asked}]
    tiles = [[_tile(shares.get((row, column))) for column in columns] for row in rows]
    with drawing_on(medium):
        figure, _ = matrix([wrapped(label) for label in rows], columns, tiles, medium)
    caption = sentences(
        f"How often the row beats the column in {metric.name}: percent of the pairs on which it is better, ties counting half; blue above "
        f"half, orange below. A dot: the paired test says that the two differ, after Holm's correction (p < {LEVEL_P:g}); controls among "
        "themselves are not tested.",
        basis(run),
    )
    said = [
        f"{one.method} beats {one.against} on {100 * share:.0f} %{_is_sure(one) * ', they differ'}"
        for (first, _), (share, one) in shares.items()
        if first == one.method
    ]
    alt = f"Share of the pairs on which one method is better in {metric.name} than another. {'; '.join(said)}."
    return Drawn(file_name("wins", metric), f"Wins in {metric.name}", figure, alt, caption)


def _tile(found: tuple[float, Difference] | None) -> Tile | None:
    if found is None:
        return None
    share, one = found
    return Tile(f"{100 * share:.0f}", METHOD_COLORS[0 if share >= 0.5 else 1], 2 * abs(share - 0.5), _is_sure(one))


def _is_sure(one: Difference) -> bool:
    return one.p_holm is not None and one.p_holm < LEVEL_P
