"""A run's report with names of any length, in headless Chromium."""

import pytest

from reports.html import write_report
from tests.reports.browsing import IN_BROWSER, fits, load_everything, open_page, set_width

pytestmark = IN_BROWSER


def _fits_everywhere(browser, path):
    for width in (360, 400, 1000, 1600):
        open_page(browser, path)
        set_width(browser, width)
        browser.execute_script("for (const details of document.querySelectorAll('details')) details.open = true")
        load_everything(browser)
        assert fits(browser), width


@pytest.mark.parametrize("name", [20 * "very long ", 200 * "x"])
def test_long_class_names_need_no_sideways_scrolling(browser, edit_results, name):
    """Choices, examples and tables stay in windows of any width."""

    def change(results):
        displays = results["dataset"]["displays"]
        results["dataset"]["displays"] = displays | {next(iter(displays)): name}

    path = write_report(edit_results(change))
    assert name.strip() in path.read_text()
    _fits_everywhere(browser, path)


def test_labels_of_64_characters_need_no_sideways_scrolling(browser, edit_results):
    """Eight methods whose labels are as long as a label may be, with and without places to break."""
    labels = [f"{n}{letter * 63}" for n, letter in enumerate("WmxiWmx")] + ["_a-long-label" * 4 + "_" * 12]

    def change(results):
        (ours,) = (m for m in results["methods"] if m["label"] == "ours")
        results["methods"] = [m for m in results["methods"] if m["control"]] + [ours | {"label": label, "name": label} for label in labels]
        for rows in ("scores", "differences", "class_scores"):
            kept = [row for row in results[rows] if row["method"] not in ("cut", "cyclegan")]
            of_ours = [row for row in kept if row["method"] == "ours"]
            results[rows] = [row for row in kept if row["method"] != "ours"] + [
                row | {"method": label} for label in labels for row in of_ours
            ]

    path = write_report(edit_results(change))
    assert all(label in path.read_text() for label in labels)
    _fits_everywhere(browser, path)
