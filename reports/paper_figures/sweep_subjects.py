"""Which sweeps of a run, and which of their methods, figures may show as the run's, and why not the others."""

from dataclasses import dataclass, replace

from adis_bench.errors import DataError
from adis_bench.progress import say
from adis_bench.sweeps.matching import other_methods, other_than
from adis_bench.sweeps.records import KINDS, Kind, Sweep, SweptMethod
from adis_bench.sweeps.storing import command_for, read_sweep
from reports.data import RunData
from reports.drawing import NotDrawn
from reports.wording import listed

_STATES = {"not asked": "Not asked", "failed": "Failed", "swept": "Left out"}


@dataclass(frozen=True, slots=True)
class Subject:
    """A sweep as figures show it.

    Attributes:
        run: its run.
        sweep: its record, with those methods only that were swept and are the run's, in the run's order.
        missing: the methods without a curve, with why, in sentences; empty where all have one.
        beside: why another kind of sweep has no figure, in a sentence for one of the captions.
    """

    run: RunData
    sweep: Sweep
    missing: str
    beside: str = ""

    @property
    def heard(self) -> list[SweptMethod]:
        """The methods whose sounds were changed."""
        return [method for method in self.sweep.methods if method.reading is not None]

    @property
    def n_controls(self) -> int:
        """Controls with a curve."""
        return sum(method.control for method in self.sweep.methods)


class _Unfit(Exception):  # noqa: N818 - no error: the sweep isn't shown, and this says why
    """Why a sweep isn't shown: ``short`` for a caption, and the whole with what to do."""

    def __init__(self, short: str, whole: str) -> None:
        super().__init__(whole)
        self.short = short


def subjects(run: RunData) -> list[Subject]:
    """The sweeps of a run that can be drawn, volume before mix; why another kind can't is said on stderr and in the first subject.

    Raises:
        NotDrawn: there is none.
    """
    found: list[Subject] = []
    unfit: dict[Kind, _Unfit] = {}
    for kind in KINDS:
        try:
            subject = _subject(run, kind)
        except _Unfit as reason:
            unfit[kind] = reason
        else:
            found += [subject] if subject is not None else []
    said = [f"{kind} sweep: {reason}" for kind, reason in unfit.items()]
    if not found:
        raise NotDrawn("; ".join(said) or "no sweep was made; adis-bench sweep RUN makes it")
    for one in said:
        say(f"not drawn: {one}")
    beside = " ".join(f"The {kind} sweep is not drawn: {reason.short}." for kind, reason in unfit.items())
    return [replace(found[0], beside=beside), *found[1:]]


def _subject(run: RunData, kind: Kind) -> Subject | None:
    try:
        sweep = read_sweep(run.folder, kind)
    except DataError as error:
        raise _Unfit("its record is damaged or of another schema", str(error)) from error
    if sweep is None:
        return None
    if other := other_than(sweep, run.results):
        short = f"it was made with another {listed(other)} than the run's"
        raise _Unfit(short, f"{short}; make it again with `{command_for(run.folder, kind)}`")
    strangers = other_methods(sweep, run.results)
    missing = _missing(sweep, strangers)
    place = {method.label: at for at, method in enumerate(run.methods)}
    shown = [method for method in sweep.methods if method.state == "swept" and method.label not in strangers]
    subject = Subject(run, replace(sweep, methods=tuple(sorted(shown, key=lambda method: place[method.label]))), missing)
    if not subject.heard:
        short = "no method of the run has been asked for changed sounds" + (f" ({missing.rstrip('.')})" if missing else "")
        raise _Unfit(short, f"{short}; `{command_for(run.folder, kind)}` asks all of the run")
    return subject


def _missing(sweep: Sweep, strangers: dict[str, str]) -> str:
    by_reason: dict[tuple[str, str], list[str]] = {}
    for method in sweep.methods:
        if method.label in strangers or method.state != "swept":
            state = "swept" if method.label in strangers else method.state
            by_reason.setdefault((_STATES[state], strangers.get(method.label, method.reason)), []).append(method.label)
    return " ".join(f"{state}: {listed(labels)} ({reason})." for (state, reason), labels in by_reason.items())
