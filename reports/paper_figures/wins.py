"""Who beats whom: on which share of the pairs the row's method is better than the column's."""

from collections.abc import Mapping

from adis_bench.results import Difference, MetricRecord
from reports.data import RunData
from reports.drawing import Drawn, Medium, NotDrawn, drawing_on
from reports.findings import interval
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
    records = [one for (first, _), (_, one) in shares.items() if first == one.method]
    holes = any(
        tile is None and row != column for row, line in zip(rows, tiles, strict=True) for column, tile in zip(columns, line, strict=True)
    )
    unknown = sum(one.share_low is None or one.share_high is None for one in records)
    caption = sentences(
        f"How often the row beats the column in {metric.name}: percent of the pairs, ties counting half; blue above half, orange below. "
        "A dot: the 95 % interval of that share, of each by itself, leaves out one half.",
        "Empty: not compared." if holes else "",
        f"{unknown} of the {len(records)} shares have no interval, and so no dot." if unknown else "",
        basis(run),
    )
    said = "; ".join(map(_words, records))
    alt = f"Share of the pairs on which one method is better in {metric.name} than another, with 95 % intervals. {said}."
    return Drawn(file_name("wins", metric), f"Wins in {metric.name}", figure, alt, caption)


def _tile(found: tuple[float, Difference] | None) -> Tile | None:
    if found is None:
        return None
    share, one = found
    return Tile(f"{100 * share:.0f}", METHOD_COLORS[0 if share >= 0.5 else 1], 2 * abs(share - 0.5), _is_sure(one))


def _is_sure(one: Difference) -> bool:
    """Of the share itself: the paired test is of the mean difference, which a few pairs can turn."""
    return one.share_low is not None and one.share_high is not None and not one.share_low <= 0.5 <= one.share_high


def _words(one: Difference) -> str:
    share, low, high = (None if part is None else 100 * part for part in (one.share_better, one.share_low, one.share_high))
    return f"{one.method} beats {one.against} on {share or 0.0:.0f} % {interval(low, high, 0)}".rstrip()
