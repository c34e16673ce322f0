"""What the server says to participants, around the page on which they rank."""

from adis_bench.study.page import csp, render_consent, render_message, render_server
from adis_bench.study.page.choice import Button, render_choice
from adis_bench.study.records import Study, StudyItem
from adis_bench.study.server.store import Turn

_STOP = "If you withdraw, you get no further pages."
_BREAK = "To take a break only, go back and close the page: the same link brings you back."

__all__ = ["csp", "end", "full", "late", "question", "render_consent", "render_message", "wait", "withdraw"]


def question(study: Study, item: StudyItem, site: tuple[str, str], turn: Turn) -> str:
    """The page of an item.

    Args:
        study: that the item is of.
        item: to be ranked.
        site: what comes before paths of media, and the participant's address.
        turn: how far the participant is.
    """
    media, here = site
    return render_server(study, item, media, here, turn.done, turn.total, {})


def wait(study: Study, turn: Turn, here: str, leave: str) -> str:
    """All items that are left are with others, who may still leave."""
    done = "You have done your part and may stop here." if turn.done else "You may stop here."
    text = (
        f"All pages that are left are with other participants just now. {done}\n\n"
        "If you would like to help further, leave this page open: when a page becomes free it appears here by itself."
    )
    return render_choice(
        study, "Thank you" if turn.done else "Please wait", text, [Button("Look again", here), Button("Withdraw from the study", leave)]
    )


def full(study: Study) -> str:
    """All places are taken by others, who may still leave."""
    text = (
        "As many people as are needed are taking part just now. If somebody stops, a place becomes free: please open this link again "
        "later, tomorrow for example.\n\nIf you have begun already, use your own link, which brings you back to your pages."
    )
    return render_message(study, "The study is full just now", text)


def late(study: Study, here: str) -> str:
    """An answer came after its time, and others had ranked the item by then."""
    text = (
        "Your page had been open for so long that it was given to others, who have ranked it meanwhile. Your answer is kept in "
        "reserve, and counts if one of theirs is taken back.\n\nYou have done nothing wrong. Please go on with the next page."
    )
    return render_choice(study, "Your answer came late", text, [Button("Go on", here)])


def withdraw(study: Study, turn: Turn, here: str, leave: str) -> str:
    """Whether to stop for good, and what happens with the answers."""
    stop = f"{_STOP} Your answers can be kept or deleted; what is deleted is gone for good. {_BREAK}"
    if turn.state != "withdrawn" and not turn.done:
        return render_choice(
            study,
            "Withdraw from the study",
            f"{_STOP} {_BREAK}",
            [Button("Go back to the study", here), Button("Withdraw", leave, "answers", "delete")],
        )
    delete = Button(f"Withdraw, and delete my answers ({turn.done})", leave, "answers", "delete")
    if turn.state == "withdrawn":
        return render_choice(study, "You have withdrawn", "Your answers were kept. You can still have them deleted.", [delete])
    keep = Button("Withdraw, and let my answers be used", leave, "answers", "keep")
    return render_choice(study, "Withdraw from the study", stop, [Button("Go back to the study", here), keep, delete])


def end(study: Study, turn: Turn, leave: str) -> str:
    """Nothing is left for this participant, or the participant has withdrawn."""
    if turn.state == "withdrawn":
        kept = f"{turn.done} of your answers are kept." if turn.done else "None of your answers is kept."
        buttons = [Button("Delete my answers", leave)] if turn.done else []
        return render_choice(study, "You have withdrawn", f"You get no further pages. {kept}\n\nThank you for your time.", buttons)
    if turn.done == 0:
        text = "Thank you for coming. Others have ranked all pages already, so that there is nothing left to do. You can close this page."
        return render_message(study, "Nothing is left to do", text)
    ranked = "1 page, and it is saved" if turn.done == 1 else f"{turn.done} pages, and all of them are saved"
    text = f"You have ranked {ranked}. There is nothing left to do; you can close this page."
    return render_choice(study, "Thank you", text, [Button("Withdraw from the study after all", leave)])
