"""What participants read where nobody wrote something better: the task, how to do it, and what they agree to."""

from adis_bench.errors import ConfigError
from adis_bench.study.records import Texts

CONTACT_MISSING = "[fill in before publishing: whom participants can ask]"
"""Stands in the consent text where no contact was given; no study may be published with it."""
MAX_CHARACTERS = 8_000
"""Ours: of one text; longer ones nobody reads. Whether all of them fit on a page of Mechanical Turk is measured on the page itself."""

TITLE = "Rank images by how well they fit a sound"
QUESTION = "How well do the images fit the sound? Put them in order, the best one first."

_INSTRUCTIONS = """\
Listen to the sound from beginning to end. The {k} images are made from the picture at the top: each tries to look like the place \
where such a sound is heard. Put them in order: the image that fits the sound best is first, the one that fits least is last.

Only the fit to the sound counts, not how beautiful or sharp an image is, nor how much it resembles the picture: some images may show \
another scene. Where images hardly differ, {ties}

Please use headphones or switch your loudspeakers on. You can hear the sound as often as you like."""
_TIES = "give them the same rank."
_NO_TIES = "go by your first impression: each rank is given once."

_CONSENT = """\
This is a study on how well computer-made images fit sounds. You look at images, listen to sounds of a few seconds, and put the images \
in order.

We record your rankings, how long you take for each, how often you play the sound, comments if you write any, and an id: that of your \
account where the task is on a work platform, else a random one. Nothing else is asked about you, and what is published shows no such ids. \
A few tasks check that the answers are given with care.

Taking part is voluntary. You may stop at any time and without a reason, by closing the page. To have answers deleted that you sent, \
use the withdrawal button where the page has one, or write to us.

Questions: {contact}"""


def study_texts(
    k: int, ties: bool, *, title: str = "", question: str = "", instructions: str = "", consent: str = "", contact: str = ""
) -> Texts:
    """The texts of a study: those given, else ours.

    Args:
        k: images on a page.
        ties: whether equal ranks are allowed.
        title: of the task, one line.
        question: asked of every item, one line.
        instructions: how to do it.
        consent: what they agree to; stands as it is given.
        contact: whom they can ask, at the end of our consent text.

    Raises:
        ConfigError: a text is too long, has more lines than it may, or characters that a page of Mechanical Turk can't hold.
    """
    return Texts(
        title=_checked("--title", title, one_line=True) or TITLE,
        question=_checked("--question", question, one_line=True) or QUESTION,
        instructions=_checked("--instructions", instructions) or _INSTRUCTIONS.format(k=k, ties=_TIES if ties else _NO_TIES),
        consent=_checked("--consent", consent) or _CONSENT.format(contact=_checked("--contact", contact, one_line=True) or CONTACT_MISSING),
    )


def _checked(option: str, text: str, one_line: bool = False) -> str:
    text = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    if len(text) > MAX_CHARACTERS:
        raise ConfigError(f"{option} has {len(text):,} characters; at most {MAX_CHARACTERS:,} are allowed; shorten it")
    if one_line and "\n" in text:
        raise ConfigError(f"{option} has {text.count(chr(10)) + 1} lines; it must be one")
    if "${" in text:
        raise ConfigError(f"{option} has '${{' in it, which Mechanical Turk takes for a placeholder; write it in another way")
    odd = [c for c in text if not c.isprintable() and c not in "\n\t\u200d\u00ad\u200b\u00a0"]
    if odd:
        raise ConfigError(f"{option} has {len(odd)} control characters, first: {odd[0]!r}; leave them out")
    return text
