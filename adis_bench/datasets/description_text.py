"""A description of a dataset as plain text, for a terminal or a log."""

import unicodedata
from collections.abc import Iterator, Sequence

from adis_bench.datasets.description import Description, Durations, Noted, Repeats
from adis_bench.datasets.histogram import Histogram
from adis_bench.printable import printable

_BAR = 28
_LONGEST_NAME = 40
"""Columns of a name beside its bar; ``description.json`` has all of it."""
_LISTED = 10
"""Files of one reason that are listed; the rest is counted, and stands in ``description.json``."""


def as_text(d: Description, more: Sequence[str] = ()) -> str:
    """The description in lines; names of anybody are escaped, so that none breaks a line or moves the cursor.

    Args:
        d: the description.
        more: further lines before the end, such as those about leakage.
    """
    blocks = (_head(d), _categories(d), _durations(d.durations), _sound(d), _left_out(d), _repeats(d), map(printable, more), _appendix(d))
    written = [list(block) for block in blocks]
    return "\n\n".join("\n".join(lines) for lines in written if lines)


def _head(d: Description) -> Iterator[str]:
    yield f"{printable(d.name)} ({printable(d.kind)}, pairing {printable(d.pairing)}), digest {d.digest[:16]}"
    yield f"{contents_in_words(d)}, {number_of(len(d.categories), 'label')}"
    yield f"labels from {printable(d.labels_from)}"
    yield f"splits: {', '.join(f'{n:,} {printable(name)}' for name, n in d.splits.items())}{f'; {d.split_rule}' if d.split_rule else ''}"
    if d.availability:
        hours = "" if d.availability.hours is None else f", {d.availability.hours:.2f} h"
        yield f"availability: {d.availability.present} of {d.availability.listed} listed videos{hours}"


def contents_in_words(d: Description) -> str:
    """How much there is, in a clause."""
    n_different = d.frame_repeats.n_distinct
    among = "" if d.n_images == d.n_frames else f" among {d.n_frames:,} frames"
    if n_different == d.n_images:
        images = f"{number_of(n_different, 'different image')}{among}"
    else:
        images = f"{number_of(d.n_images, 'image')}{among}, {n_different:,} of them different"
    n_sounds = d.sound_repeats.n_listed
    if d.all_audible:
        return f"{number_of(d.n_segments, 'segment')} of 3 s ({d.hours:.2f} h of sound) with {images}"
    # Test data of images and sounds that have nothing to do with each other: most segments are the one or the other.
    return f"{number_of(n_sounds, 'sound')} of 3 s ({d.hours:.2f} h) and {images}, {number_of(d.n_segments, 'segment')} in all"


def number_of(n: int, what: str) -> str:
    """A number and what it counts: ``1 segment``, ``1,200 segments``."""
    return f"{n:,} {what}{'' if n == 1 else 's'}"


def _categories(d: Description) -> Iterator[str]:
    yield f"categories{'' if d.all_audible else ' of the sounds'} (in the form of the paper's Figure 1b)"
    yield from _bars([(printable(c.display), c.n, f"{c.n:>9,} {100 * c.share:5.1f} %") for c in d.audios_by_category])
    if not d.all_audible:
        yield "categories of segments without sound"
        rest = sorted(((c.n - c.n_sounds, c) for c in d.categories if c.n > c.n_sounds), key=lambda row: (-row[0], row[1].label))
        yield from _bars([(printable(c.display), n, f"{n:>9,}") for n, c in rest])
    if d.empty_labels:
        yield f"  without segments: {', '.join(map(printable, d.empty_labels))}"
    for label, reason in d.not_evaluated.items():
        yield f"  not evaluated: {printable(label)}: {printable(reason)}"


def _bars(rows: Sequence[tuple[str, int, str]]) -> Iterator[str]:
    names = [shortened(name, _LONGEST_NAME) for name, _, _ in rows]
    width, largest = max(map(_columns, names), default=0), max((n for _, n, _ in rows), default=0)
    for name, (_, n, text) in zip(names, rows, strict=True):
        # The least of something is still seen.
        length = max(round(_BAR * n / largest), 1) if n else 0
        yield f"  {name}{' ' * (width - _columns(name))}  {'█' * length:<{_BAR}} {text}".rstrip()


def shortened(name: str, longest: int) -> str:
    """A name of at most ``longest`` characters.

    >>> shortened("crunching snow", 9)
    'crunchin…'
    """
    return name if len(name) <= longest else f"{name[: longest - 1]}…"


def _columns(text: str) -> int:
    """Cells of a terminal: signs of East Asia are two wide, accents have none of their own."""
    return sum(0 if unicodedata.combining(c) else 1 + (unicodedata.east_asian_width(c) in "WF") for c in text)


def _durations(durations: Durations | None) -> Iterator[str]:
    if durations is None:
        return
    whole = "" if durations.of == "videos" else ", as far as the segments hold them"
    yield f"durations of {number_of(durations.n, durations.of[:-1])}{whole} (in the form of the paper's Figure 1a)"
    in_minutes = durations.histogram.unit == "min"
    low, median, high = (
        seconds / 60 if in_minutes else seconds for seconds in (durations.shortest_s, durations.median_s, durations.longest_s)
    )
    total_h = durations.total_s / 3600
    yield f"  {low:.4g} to {high:.4g} {durations.histogram.unit}, median {median:.4g}; {total_h:.2f} h in all"
    yield from _histogram(durations.histogram)


def _histogram(shown: Histogram) -> Iterator[str]:
    names = [f"{low:g} to {high:g}" for low, high in zip(shown.edges, shown.edges[1:], strict=False)]
    width = max(map(len, names), default=0)
    yield from _bars([(f"{name:>{width}} {shown.unit}", n, f"{n:>9,}") for name, n in zip(names, shown.counts, strict=True)])


def _sound(d: Description) -> Iterator[str]:
    rates = [f"{number_of(n, 'segment')} at {rate / 1000:g} kHz" for rate, n in d.sample_rates.items()]
    yield f"sample rates: {', '.join(rates) or 'none'}"
    if d.loudness is None or d.loudness.n + d.loudness.n_unreadable == 0:
        return
    parts = []
    if d.loudness.median_db is not None:
        parts.append(f"median {d.loudness.median_db:.1f} dBFS (5 % to 95 %: {d.loudness.low_db:.1f} to {d.loudness.high_db:.1f})")
    if d.loudness.n_silent:
        parts.append(f"{d.loudness.n_silent:,} with digital silence")
    if d.loudness.n_unreadable:
        parts.append(f"{d.loudness.n_unreadable:,} missing or unreadable: see `adis-bench data check`")
    yield f"loudness (RMS): {', '.join(parts)}"


def _left_out(d: Description) -> Iterator[str]:
    counts = ", ".join(f"{n:,} {reason}" for reason, n in d.skipped_by_reason.items())
    yield f"skipped: {len(d.skipped):,}{f' ({counts})' if counts else ''}"
    for reason, n in d.skipped_by_reason.items():
        for entry in [entry for entry in d.skipped if entry.reason == reason][:_LISTED]:
            yield f"  {reason:<11} {printable(entry.path)}{f': {printable(entry.detail)}' if entry.detail else ''}"
        if n > _LISTED:
            yield f"  {reason:<11} ... and {n - _LISTED:,} more: `--json`, or `--out DIR`, lists all"
    for noted in d.noted:
        yield f"noted: {printable(noted_in_words(noted))}"


def noted_in_words(noted: Noted) -> str:
    """A remark of the importer with its number and names."""
    rest = f" and {noted.n_unnamed:,} more" if noted.n_unnamed else ""
    named = f" ({', '.join(noted.names)}{rest})" if noted.names else ""
    return f"{noted.text}: {noted.n:,}{named}"


def _repeats(d: Description) -> Iterator[str]:
    yield f"same bytes: {repeats_in_words(d.frame_repeats, 'images')}"
    yield f"            {repeats_in_words(d.sound_repeats, 'sounds')}"


def repeats_in_words(repeats: Repeats, what: str) -> str:
    """Duplicates of one kind in a clause."""
    if not repeats.n_shared:
        return f"no {what[:-1]} is in two segments"
    verb = "is" if repeats.n_shared == 1 else "are"
    n = repeats.n_across_splits
    across = f"{n:,} of them in more than one split" if n else "none of them in more than one split"
    return f"{repeats.n_shared:,} of {repeats.n_distinct:,} different {what} {verb} in several segments, {across}"


def _appendix(d: Description) -> Iterator[str]:
    if d.appendix is None:
        return
    yield f"beside the counts of the paper's appendix ({d.appendix.name})"
    width = max(len(row.what) for row in d.appendix.counts)
    for row in d.appendix.counts:
        yield f"  {row.what:<{width}}  appendix {row.published:>9}   here {row.ours or 'not known':>9}"
    for remark in d.appendix.remarks:
        yield f"  - {remark.text} ({remark.source})"
