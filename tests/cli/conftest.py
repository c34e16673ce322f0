"""Running the command line in this process."""

from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result

from adis_bench.cli.main import main


@pytest.fixture
def invoke() -> Callable[..., Result]:
    """Run ``adis-bench`` with arguments: ``invoke("run", "--json")``."""

    def run(*arguments: object) -> Result:
        return CliRunner().invoke(main, [str(argument) for argument in arguments])

    return run
