"""Makes docs/report.png, the README's picture of a report: ``python docs/report_picture.py RUN docs/report.png``."""

import argparse
import shutil
import subprocess
import sys
import tempfile
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image

from adis_bench.errors import ConfigError, DataError, IncompleteRunError
from adis_bench.files import write_bytes
from adis_bench.results import REPORT_NAME
from reports.style import GROUND, METHOD_COLORS

WIDTH, HEIGHT = 1200, 1760
"""In CSS pixels; the picture ends at the last gap between parts of the page within them."""
SCALE = 1.5
MIN_GAP = 40
"""In CSS pixels: a gap between parts of the page, not between lines."""
MAX_BYTES = 300_000
_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")


def picture(run_dir: Path, out: Path) -> Path:
    """Write a PNG of the top of a run's report, at most ``MAX_BYTES`` large.

    Raises:
        IncompleteRunError: the run has no report.
        ConfigError: no Chromium is installed, or it fails.
        DataError: the picture is too large even in 32 colours.
    """
    page = run_dir.resolve() / REPORT_NAME
    if not page.is_file():
        raise IncompleteRunError(f"{page} is missing; write it with `adis-bench report {run_dir}`")
    shot = _cut_at_gap(_screenshot(page))
    for n_colors in (256, 128, 64, 32):
        buffer = BytesIO()
        _in_colors(shot, n_colors).save(buffer, format="PNG", optimize=True)
        if buffer.tell() <= MAX_BYTES:
            write_bytes(out, buffer.getvalue())
            return out
    raise DataError(f"the picture of {page} takes more than {MAX_BYTES} bytes; lower WIDTH, HEIGHT or SCALE in {Path(__file__).name}")


def _in_colors(shot: Image.Image, n_colors: int) -> Image.Image:
    """In a few colours, the page's ground and marks as they are: the examples have so many that these would become others."""
    own = [tuple(bytes.fromhex(color.light[1:])) for color in (GROUND, *METHOD_COLORS)]
    # No dithering: it would cost more bytes than the colours save, and flat ground stays flat.
    few = shot.quantize(n_colors - len(own), dither=Image.Dither.NONE)
    pixels, places = np.asarray(shot), np.array(few)
    known = (few.getpalette() or [])[: 3 * (n_colors - len(own))]
    for place, color in enumerate(own, len(known) // 3):
        places[(pixels == color).all(axis=2)] = place
    made = Image.fromarray(places)
    made.putpalette(known + [part for color in own for part in color])
    return made


def _screenshot(page: Path) -> Image.Image:
    browser = next((found for name in _BROWSERS if (found := shutil.which(name))), None)
    if browser is None:
        raise ConfigError(f"no browser for the picture: none of {', '.join(_BROWSERS)} is installed; install Chromium")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "report.png"
        command = [
            browser, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", f"--user-data-dir={folder}/profile",
            f"--force-device-scale-factor={SCALE}", f"--window-size={WIDTH},{HEIGHT}", f"--screenshot={path}", page.as_uri(),
        ]  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        if not path.is_file():
            raise ConfigError(f"{browser} made no picture of {page} (exit code {done.returncode}): {done.stderr.strip()[-300:]}")
        with Image.open(path) as image:
            return image.convert("RGB")


def _cut_at_gap(shot: Image.Image) -> Image.Image:
    pixels = np.asarray(shot)
    empty = (pixels == pixels[0, 0]).all(axis=(1, 2))
    gap = round(MIN_GAP * SCALE)
    # The lower half only: a picture of the title alone is none of the report.
    for bottom in range(shot.height, shot.height // 2, -1):
        if empty[bottom - gap : bottom].all():
            return shot.crop((0, 0, shot.width, bottom - gap // 4))
    return shot


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path)
    parser.add_argument("out", type=Path)
    given = parser.parse_args()
    try:
        picture(given.run, given.out)
    except (IncompleteRunError, ConfigError, DataError) as error:
        sys.exit(str(error))
