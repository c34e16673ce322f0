"""The paper's Figure 1 for the dataset that a run was made on."""

from pathlib import Path

from adis_bench.datasets.describe import describe
from adis_bench.datasets.records import Dataset
from adis_bench.errors import DataError
from adis_bench.printable import printable
from reports import dataset_figures
from reports.data import RunData
from reports.drawing import Drawn, Medium, NotDrawn


def draw_dataset(run: RunData, medium: Medium) -> list[Drawn]:
    """Durations and categories, of the dataset at the place that the run names.

    Raises:
        NotDrawn: it isn't there any more, or has changed since.
    """
    root = Path(run.results.dataset.path)
    shown = printable(str(root))
    try:
        dataset = Dataset.open(root)
        if dataset.digest != run.results.dataset.digest:
            raise NotDrawn(f"the dataset at {shown} has changed since the run")
        found = describe(dataset, loudness=False)
    except DataError as error:
        raise NotDrawn(f"the run's dataset cannot be read: {error}") from error
    drawn = [dataset_figures.durations_drawn(found.durations, medium)] if found.durations else []
    categories = dataset_figures.categories_drawn(found, medium)
    drawn += [categories] if categories else []
    if not drawn:
        raise NotDrawn(f"the dataset at {shown} notes neither durations nor categories")
    return drawn
