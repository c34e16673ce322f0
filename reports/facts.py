"""What a method, a judge or a dataset says of itself, as names and texts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reports.findings import interval, number


@dataclass(frozen=True, slots=True)
class Fact:
    """A name with its value as text."""

    name: str
    text: str


def facts(raw: Mapping[str, Any], leave_out: Sequence[str] = ()) -> tuple[Fact, ...]:
    """Any JSON-compatible mapping as name and text; nested names are joined, intervals stand with their value."""
    found: list[Fact] = []
    for key, value in raw.items():
        if key in leave_out:
            continue
        name = key.replace("_", " ")
        if isinstance(value, Mapping) and not _is_interval(value):
            found += [Fact(f"{name}: {inner.name}", inner.text) for inner in facts(value)]
        else:
            found.append(Fact(name, _text(value)))
    return tuple(fact for fact in found if fact.text)


def _is_interval(value: Mapping[str, Any]) -> bool:
    return {"value", "ci_low", "ci_high"} <= value.keys()


def _text(value: Any) -> str:
    if isinstance(value, Mapping):
        return _interval_text(value) if _is_interval(value) else ", ".join(f"{fact.name} {fact.text}" for fact in facts(value))
    if isinstance(value, (list, tuple)):
        return ", ".join(_text(one) for one in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.4g}"
    return "" if value is None else str(value)


def _interval_text(value: Mapping[str, Any]) -> str:
    if value["value"] is None:
        return "not known"
    rest = ", ".join(f"{fact.name} {fact.text}" for fact in facts(value, ["value", "ci_low", "ci_high"]))
    shown = f"{number(value['value'], 3)} {interval(value['ci_low'], value['ci_high'], 3)}".strip()
    return f"{shown} ({rest})" if rest else shown
