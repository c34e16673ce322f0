"""Headline scores class by class: tints of the very steps that the tables have."""

from reports.data import RunData
from reports.drawing import Drawn, Medium, NotDrawn, drawing_on
from reports.lettering import wrapped
from reports.matrix import Tile, matrix, scale_of_steps
from reports.paper_figures.captions import basis, file_name, sentences, units
from reports.run_tables import HEAT_STEPS, LEAST_PAIRS, classes
from reports.style import METHOD_COLORS
from reports.table_record import Cell, Table

_SHADE = METHOD_COLORS[0]
"""One hue, deeper where better: its lightness alone tells the steps, to any eye and in grey print."""
_SCALE_IN = 0.26


def draw_classes(run: RunData, medium: Medium) -> list[Drawn]:
    """A figure for each headline metric that has values of classes and tells right images from wrong ones.

    Raises:
        NotDrawn: there is no such metric.
    """
    tables = list(classes(run))
    if not tables:
        raise NotDrawn(f"no class has {LEAST_PAIRS} pairs or more that were scored")
    working = [table for table in tables if table.subject is not None and not table.subject.failure]
    if not working:
        raise NotDrawn("no metric with values of classes tells right images from wrong ones on this data")
    return [_drawn(run, table, medium) for table in working]


def _drawn(run: RunData, table: Table, medium: Medium) -> Drawn:
    rows = [wrapped(row.label) for row in table.rows]
    counts = {column.note for column in table.columns}
    # Numbers of pairs that are all the same say nothing beside each class.
    tails = [f" ({column.note.split()[0]})" if len(counts) > 1 else "" for column in table.columns]
    tiles = [[_tile(cell) for cell in row.cells] for row in table.rows]
    metric = next(metric for metric in run.headline if table.subject is not None and metric.name == table.subject.name)
    # Cell by cell, since a text of a run may be anything.
    found = sorted((cell.raw.value, cell.value) for row in table.rows for cell in row.cells if cell.raw.value is not None)
    low, high = found[0][1], found[-1][1]
    ends = (low, high) if metric.higher_is_better else (high, low)
    with drawing_on(medium):
        figure, axes = matrix(rows, [column.name for column in table.columns], tiles, medium, foot_in=_SCALE_IN, tails=tails)
        scale_of_steps(figure, axes, _SHADE, (f"{table.subject.head if table.subject else ''}: {ends[0]}", ends[1]), medium, HEAT_STEPS)
    each = f"{min(counts)} of each class" if len(counts) == 1 else "pairs of each class in parentheses"
    caption = sentences(
        f"{metric.name} over the pairs of each target class, deeper where better; {each}; classes of fewer than {LEAST_PAIRS} pairs "
        "are left out. No intervals: read the pattern, not digits.",
        basis(run),
        units([metric]),
    )
    return Drawn(file_name("classes", metric), f"{metric.name} class by class", figure, _words(table), caption)


def _tile(cell: Cell) -> Tile:
    if cell.step is None:
        return Tile()
    return Tile(cell.value, _SHADE, cell.step / (HEAT_STEPS - 1))


def _words(table: Table) -> str:
    said = []
    for row in table.rows:
        cells = zip(table.columns, row.cells, strict=True)
        said.append(f"{row.label}: {', '.join(f'{column.name} {cell.value}' for column, cell in cells if cell.value)}")
    return f"{table.title}. {'; '.join(said)}."
