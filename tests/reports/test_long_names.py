"""A run's report with class names of any length, in headless Chromium."""

import pytest

from reports.html import write_report
from tests.reports.browsing import IN_BROWSER, fits, set_width

pytestmark = IN_BROWSER


@pytest.mark.parametrize("name", [20 * "very long ", 200 * "x"])
def test_long_class_names_need_no_sideways_scrolling(browser, edit_results, name):
    """Choices, examples and tables stay in windows of any width."""

    def change(results):
        displays = results["dataset"]["displays"]
        results["dataset"]["displays"] = displays | {next(iter(displays)): name}

    path = write_report(edit_results(change))
    assert name.strip() in path.read_text()
    for width in (360, 1280):
        set_width(browser, width)
        browser.get(path.as_uri())
        assert fits(browser)
