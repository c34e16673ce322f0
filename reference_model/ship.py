"""Put the models that a finished `adis-bench run --preset demo --retrain` trained into the package.

For maintainers: ``python -m reference_model.ship RUN``.
"""

import json
import shlex
import shutil
import sys
from pathlib import Path
from typing import Any

from adis_bench.errors import IncompleteRunError
from adis_bench.files import write_json
from reference_model import store


def ship(run: Path, into: Path = store.PACKAGED) -> list[Path]:
    """Copy every trained model of a run beside its provenance: command, commit, dataset, losses, scores.

    Raises:
        IncompleteRunError: the run has no results yet, or a model is not in the cache any more.
    """
    results_path = run / "results.json"
    if not results_path.is_file():
        raise IncompleteRunError(f"{run} has no results.json; finish the run first")
    results = json.loads(results_path.read_text())
    shipped = []
    for method in results["methods"]:
        provenance = dict(method["provenance"])
        if "packaged_digest" not in provenance:
            continue
        source = store.cache_folder(provenance["method"], provenance["model_digest"])
        if not (source / store.WEIGHTS_NAME).is_file():
            raise IncompleteRunError(f"the model of {method['label']} is not in {source}; run again with --retrain")
        provenance["digest"] = provenance.pop("model_digest")
        target = into / provenance["method"]
        target.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source / store.WEIGHTS_NAME, target / store.WEIGHTS_NAME)
        write_json(target / store.PROVENANCE_NAME, {**provenance, **_facts(results, method["label"])})
        shipped.append(target)
    return shipped


def _facts(results: dict[str, Any], label: str) -> dict[str, Any]:
    """What the run knows of a model besides its recipe."""
    scores = [{k: s[k] for k in ("metric", "value", "ci_low", "ci_high", "n")} for s in results["scores"] if s["method"] == label]
    return {
        "command": _without_out(results["command"]),
        "git_commit": results["git_commit"],
        "dataset_digest": results["dataset"]["digest"],
        "pairs_digest": results["pairs"]["digest"],
        "versions": results["versions"],
        "threads": results["threads"],
        "scores": scores,
    }


def _without_out(command: str) -> str:
    """The command without its output folder: that is a place on the maintainer's machine."""
    words = shlex.split(command)
    kept = [word for word, before in zip(words, ["", *words[:-1]], strict=True) if "--out" not in (word, before)]
    return shlex.join(word for word in kept if not word.startswith("--out="))


if __name__ == "__main__":
    for folder in ship(Path(sys.argv[1])):
        sys.stdout.write(f"{folder}\n")
