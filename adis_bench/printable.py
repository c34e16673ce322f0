"""Names of files as they can be shown: on a terminal, in a page, in a drawing."""


def printable(text: str) -> str:
    r"""The text on one line; characters that would move the cursor, turn the reading direction or can't be encoded become escapes.

    >>> printable("two\nlines \x1b[31m")
    'two\\nlines \\x1b[31m'
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)
