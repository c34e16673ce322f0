"""The README's picture of a report."""

import importlib.util
import shutil
from pathlib import Path

import pytest
from PIL import Image, ImageColor

from adis_bench.errors import IncompleteRunError
from reports.html import write_report
from reports.style import GROUND, METHOD_COLORS

SCRIPT = Path(__file__).parents[2] / "docs" / "report_picture.py"


@pytest.fixture
def script():
    """docs/report_picture.py as a module."""
    spec = importlib.util.spec_from_file_location("report_picture", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.browser
def test_the_picture_is_small_and_wide(script, run_dir, tmp_path):
    """A PNG of the page's head, under 300 kB."""
    if not any(shutil.which(name) for name in script._BROWSERS):
        pytest.skip("needs Chromium on the PATH")
    write_report(run_dir)
    out = script.picture(run_dir, tmp_path / "report.png")
    assert out.stat().st_size <= 300_000
    with Image.open(out) as image:
        assert image.width == script.WIDTH * script.SCALE
        assert image.height > image.width / 2
        shown = {color for _, color in image.convert("RGB").getcolors(1 << 16)}
    # The ground and the marks of the three methods as they are on the page.
    assert {ImageColor.getrgb(color.light) for color in (GROUND, *METHOD_COLORS[:3])} <= shown


def test_a_run_without_a_report_is_named(script, run_dir, tmp_path):
    """No report, no picture, and the command that writes one."""
    with pytest.raises(IncompleteRunError, match="adis-bench report"):
        script.picture(run_dir, tmp_path / "report.png")
