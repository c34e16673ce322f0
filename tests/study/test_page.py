"""The HTML of the page, in all of its forms, without a browser."""

import base64
import hashlib
import re
import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from adis_bench.errors import DataError
from adis_bench.study import page
from adis_bench.study.batch_csv import batch_columns
from adis_bench.study.records import Plan, ScreeningRules, Study, StudyItem, Texts
from tests.study.studies import METHODS, make_study

MAX_QUESTION_BYTES = 65_535  # of an HTMLQuestion, its wrapper included (protocol.md F)
NAMESPACE = "http://mechanicalturk.amazonaws.com/AWSMechanicalTurkDataSchemas/2011-11-11/HTMLQuestion.xsd"


class Elements(HTMLParser):
    """All elements of a page as (tag, attributes), and its own style and script."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.all: list[tuple[str, dict[str, str | None]]] = []
        self.own: dict[str, str] = {}
        self.words = ""
        self._open = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        """An element begins."""
        self.all.append((tag, dict(attrs)))
        self._open = tag

    def handle_endtag(self, tag):
        """An element ends."""
        self._open = ""

    def handle_data(self, data):
        """Text, of our own assets or of the page."""
        if self._open in ("style", "script"):
            self.own[self._open] = self.own.get(self._open, "") + data
        else:
            self.words += data

    def of(self, tag, **wanted):
        """Attributes of the elements with this tag and these attributes."""
        return [a for t, a in self.all if t == tag and all(a.get(name) == value for name, value in wanted.items())]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A study of four methods with its folder."""
    folder = tmp_path_factory.mktemp("page") / "study"
    study, _ = make_study(folder, asset_url="https://media.example.org/s/")
    return study, folder


def _every_page(study, folder):
    item = study.items[0]
    return {
        "mturk": page.render_mturk(study),
        "question": page.render_question(study, item, sandbox=True),
        "preview": page.render_preview(study, folder, 2),
        "server": page.render_server(study, item, "/files/", "/p/token", 2, 50, {"token": "a<b"}),
        "consent": page.render_consent(study, "/p/token"),
        "message": page.render_message(study, "Thank <you>", "One & two.\n\nThree."),
    }


def test_the_template_has_the_placeholders_of_the_batch_and_no_others(made):
    """Each column of batch.csv stands in it exactly once, and nothing else that Mechanical Turk would fill in."""
    study, _ = made
    html = page.render_mturk(study)
    assert sorted(re.findall(r"\$\{([^}]*)\}", html)) == sorted(batch_columns(study))
    assert html.count("${") == len(batch_columns(study))


def test_texts_of_the_study_are_no_placeholders(made):
    """A dollar and a brace in a text stay text."""
    study, _ = made
    odd = replace(study, texts=replace(study.texts, question="Cost: ${item_id}?"))
    assert page.render_mturk(odd).count("${") == len(batch_columns(study))
    assert "Cost: ${item_id}?" in Elements(page.render_mturk(odd)).words


def test_the_template_is_a_crowd_form(made):
    """The requester's page sends by the crowd form, whose own button is there, out of sight, so that it adds none."""
    found = Elements(page.render_mturk(made[0]))
    assert found.of("script", src="https://assets.crowd.aws/crowd-html-elements.js")
    assert [a["answer-format"] for a in found.of("crowd-form")] == ["flatten-objects"]
    assert [(a["form-action"], a["class"]) for a in found.of("crowd-button")] == [("submit", "hide")]
    assert found.of("form") == []


def test_a_question_posts_to_mechanical_turk(made):
    """Its form goes to the sandbox or to production, with the assignment's id among its fields and the media at the asset address."""
    study, _ = made
    item = study.items[0]
    for sandbox, action in (
        (True, "https://workersandbox.mturk.com/mturk/externalSubmit"),
        (False, "https://www.mturk.com/mturk/externalSubmit"),
    ):
        found = Elements(page.render_question(study, item, sandbox))
        assert [(a["method"], a["action"]) for a in found.of("form")] == [("post", action)]
        assert len(found.of("input", name="assignmentId")) == 1
        assert found.of("audio")[0]["src"] == study.asset_url + item.sound
        assert "${" not in page.render_question(study, item, sandbox)


@pytest.mark.parametrize("k", [2, 8])
def test_a_question_fits_into_mechanical_turks_limit(k):
    """With k = 8, addresses of 200 characters and long texts, the XML has less than 65,535 bytes and holds the page unchanged."""
    name = "x" * 60
    base = "https://media.example.org/" + "y" * (200 - 26 - 7 - 60 - 4) + "/"
    images = tuple(f"media/{name[:-1]}{slot}.png" for slot in "ABCDEFGH"[:k])
    item = StudyItem("item-0001", f"media/{name}.png", f"media/{name}.wav", f"media/{name}.png", images)
    texts = Texts("Title " * 10, "Question? " * 10, "Please listen. " * 120, "We keep little. " * 120)
    study = Study("s", k, True, Plan("each", 1, 1, 0, 0, 1, 1, 0, 0, 0), ScreeningRules(), texts, (item,), asset_url=base)
    html = page.render_question(study, item, sandbox=False)
    assert len(base + images[0]) >= 197
    assert "]]>" not in html
    content = f"<HTMLContent><![CDATA[{html}]]></HTMLContent><FrameHeight>0</FrameHeight>"
    xml = f'<?xml version="1.0" encoding="UTF-8"?><HTMLQuestion xmlns="{NAMESPACE}">{content}</HTMLQuestion>'
    assert len(xml.encode()) < MAX_QUESTION_BYTES
    assert ElementTree.fromstring(xml)[0].text == html


def test_texts_are_escaped_everywhere(made):
    """Whatever stands in the four texts, in hidden fields or in a message, no page gets an element of it."""
    study, folder = made
    bad = "<script>alert(1)</script><img src=x onerror=alert(1)>\x0b\"'\n\n</style></title><b>"
    odd = replace(study, texts=Texts(bad, bad, bad, bad))
    study = replace(study, texts=Texts(*["One.\n\nTwo."] * 4))
    for name, html in _every_page(odd, folder).items():
        clean = Elements(_every_page(study, folder)[name])
        assert [tag for tag, _ in Elements(html).all] == [tag for tag, _ in clean.all], name
        assert "\x0b" not in html
    assert (
        Elements(page.render_server(study, study.items[0], "/", "/x", 0, 1, {"t": 'a"><b>'})).of("input", name="t")[0]["value"] == 'a"><b>'
    )


def test_nothing_runs_but_our_own_script(made):
    """No page has inline handlers, inline styles, or a style or script whose hash the policy doesn't name."""
    for name, html in _every_page(*made).items():
        found = Elements(html)
        assert [a for _, attributes in found.all for a in attributes if a.startswith("on") or a == "style"] == [], name
        for text, kind in ((found.own["style"], "style-src"), (found.own["script"], "script-src")):
            digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
            assert f"{kind} 'sha256-{digest}'" in page.csp()
    policies = Elements(page.render_preview(*made, 1)).of("meta", **{"http-equiv": "Content-Security-Policy"})
    assert "form-action 'none'" in policies[0]["content"]
    for rule in ("default-src 'none'", "media-src 'self'", "form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'"):
        assert rule in page.csp()


def test_the_script_has_no_template_literals(made):
    """Mechanical Turk would fill them in."""
    assert "`" not in Elements(page.render_mturk(made[0])).own["script"]


def test_the_fields_are_those_of_the_contract(made):
    """Plain names, one of each; no radio button of the browser's, which crowd forms would spread over columns."""
    wanted = ["comment", "item_id", "plays", "rank_A", "rank_B", "rank_C", "rank_D", "seconds"]
    study, folder = made
    pages = _every_page(study, folder)
    for name, more in (("mturk", []), ("question", ["assignmentId"]), ("server", ["token"])):
        found = Elements(pages[name])
        names = [a["name"] for tag, a in found.all if tag in ("input", "textarea", "select") and a.get("name")]
        # The form for withdrawing repeats the hidden field of the server.
        assert sorted(names) == sorted(wanted + more + (["token"] if name == "server" else []))
        assert {a.get("type") for a in found.of("input")} == {"hidden"}


def test_images_stand_in_the_order_of_the_item(made):
    """Image A is the first of the item, and so on; the alternative texts say no more than that."""
    study, _ = made
    item = study.items[1]
    found = Elements(page.render_server(study, item, "/files/", "/x", 0, 50, {}))
    shown = [(a["alt"], a["src"]) for a in found.of("img") if a["alt"].startswith("Image")]
    assert shown == [(f"Image {slot}", f"/files/{path}") for slot, path in zip("ABCD", item.images, strict=True)]
    assert found.of("input", name="item_id")[0]["value"] == item.item_id


def test_no_page_tells_methods_or_kinds(made):
    """Words of the key are on no page, neither shown nor hidden."""
    for name, html in _every_page(*made).items():
        outside = re.sub(r"<(style|script)>.*?</\1>|base64,[^\"]*", "", html, flags=re.S)
        told = [word for word in (*METHODS, "target", "shuffled", "gold", "repeat") if re.search(rf"\b{word}\b", outside)]
        assert told == [], name


def test_ties_are_said_to_be_allowed_only_where_they_are(made):
    """The instructions and the script are told by the study."""
    study, _ = made
    for ties, words, flag in ((True, "may share a rank", "yes"), (False, "Every rank is given once", "no")):
        found = Elements(page.render_mturk(replace(study, ties_allowed=ties)))
        assert words in found.words
        assert [a["data-ties"] for _, a in found.all if "data-ties" in a] == [flag]


def test_without_javascript_nothing_is_sent_and_this_is_said(made):
    """A note stands in each page with a ranking, and no button of the ranking's form sends by itself."""
    pages_by_name = _every_page(*made)
    for name in ("mturk", "question", "preview", "server", "consent"):
        assert Elements(pages_by_name[name]).of("noscript"), name
    for name in ("mturk", "question", "preview", "server"):
        found = Elements(pages_by_name[name])
        assert {a["type"] for a in found.of("button")} - {"button"} == ({"submit"} if name == "server" else set())
        assert [a["type"] for a in found.of("button") if "submit" in (a.get("class") or "")] == ["button"] * (2 if name == "preview" else 1)


def test_the_preview_needs_nothing_else(made):
    """Every address in it is data; as many items as asked for; a missing medium is named."""
    study, folder = made
    found = Elements(page.render_preview(study, folder, 3))
    addresses = [a[name] for _, a in found.all for name in ("src", "href", "action") if name in a]
    assert len(addresses) == 1 + 3 * (3 + 4)
    assert all(address.startswith("data:") for address in addresses)
    assert len(found.of("textarea")) == 3
    lost = replace(study, items=(replace(study.items[0], sound="media/gone.wav"),))
    with pytest.raises(DataError, match=r"gone\.wav cannot be read"):
        page.render_preview(lost, folder, 1)


def test_the_server_page_has_progress_and_a_way_out(made):
    """Item 3 of 50, and a form that posts ``withdraw`` with the hidden fields; consent is posted by a button."""
    pages = _every_page(*made)
    found = Elements(pages["server"])
    assert "Item 3 of 50" in found.words
    assert [a["action"] for a in found.of("form")] == ["/p/token", "/p/token"]
    assert [a["value"] for a in found.of("input", name="token")] == ["a<b", "a<b"]
    assert [a["value"] for a in found.of("button", name="withdraw")] == ["yes"]
    assert [a["value"] for a in Elements(pages["consent"]).of("button", name="consent")] == ["yes"]


def test_the_consent_is_on_every_way_to_the_study(made):
    """Participants read what they agree to wherever they come from, and how to stop."""
    study, _ = made
    for name, way in (
        ("mturk", "return the HIT"),
        ("question", "return the HIT"),
        ("consent", "Withdraw from the study"),
        ("server", "Stop taking part"),
    ):
        words = Elements(_every_page(*made)[name]).words
        assert study.texts.consent.split("\n\n")[0] in words, name
        assert way in words, name


def test_the_instructions_open_on_the_first_item_only(made):
    """On our own server they are out of the way from the second item on."""
    study, _ = made
    opened = [
        Elements(page.render_server(study, study.items[0], "/", "/x", done, 9, {})).of("details", **{"class": "intro"})[0]
        for done in (0, 1)
    ]
    assert ["open" in attributes for attributes in opened] == [True, False]
