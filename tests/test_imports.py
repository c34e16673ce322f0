"""What a call doesn't use it doesn't wait for: libraries that take seconds to import stay away until they are needed."""

import subprocess
import sys

HEAVY = ("open_clip", "timm", "torchvision", "torch._dynamo", "sympy", "scipy.signal", "scipy.stats", "matplotlib")

_SHOWING_A_RUN = """
import sys
import adis_bench.pipeline
from adis_bench.extractors.needed import lacking
from adis_bench.methods.protocol import MethodOptions
from adis_bench.registry import load
from adis_bench.state_dicts import shapes_built

lacking("paper")  # asks every extractor for its weight files
for name, settings in (("ours", {"audio_encoder": "bands"}), ("cut", {}), ("cyclegan", {})):
    method = load("methods", name)(MethodOptions(resolution=64, settings=settings))
    assert shapes_built(lambda: method.objective(4).inference)  # what a model's file is compared with
print(*(name for name in sys.argv[1:] if name in sys.modules))
"""


def test_a_finished_run_is_shown_without_them() -> None:
    """Neither finding the protocol nor checking the models' files imports networks, compilers or filters that nothing is computed with."""
    done = subprocess.run([sys.executable, "-c", _SHOWING_A_RUN, *HEAVY], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.split()) == (0, []), done.stderr


_WRITING_ITS_REPORT = """
import sys
from importlib import import_module
from reports import html, run_tables, table_folder
from reports.paper_figures.catalogue import CATALOGUE

for kind in CATALOGUE:
    import_module(f"reports.paper_figures.{kind.module}")
print(*(name for name in sys.argv[1:] if name in sys.modules))
"""


def test_reports_tables_and_figures_need_no_torch() -> None:
    """Nothing is computed with it: it would be half of the time of a report that is written again."""
    done = subprocess.run([sys.executable, "-c", _WRITING_ITS_REPORT, "torch"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.split()) == (0, []), done.stderr
