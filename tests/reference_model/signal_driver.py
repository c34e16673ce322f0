"""``adis-bench`` that gets a signal when some steps lie behind: ``signal_driver.py SIGNAL STEPS PAUSE_S ARGUMENTS...``.

In several processes the first one sends it to its launcher. Each later step takes ``PAUSE_S`` more, so that the
signal comes before the end.
"""

import os
import signal
import sys
import time
from typing import Any

from adis_bench.cli.main import main
from reference_model import trainer


def arrange(name: str, steps: int, pause_s: float) -> None:
    """Put the signal into the loop."""
    real, seen = trainer._step, []

    def step(*arguments: Any) -> Any:
        done = real(*arguments)
        seen.append(1)
        if len(seen) == steps and os.environ.get("RANK", "0") == "0":
            os.kill(os.getppid() if "RANK" in os.environ else os.getpid(), signal.Signals[name])
        if len(seen) >= steps:
            time.sleep(pause_s)
        return done

    trainer._step = step


if __name__ == "__main__":
    arrange(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]))
    main(sys.argv[4:])
