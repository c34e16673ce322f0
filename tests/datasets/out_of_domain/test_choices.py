"""What is taken of Places365 and VGG-Sound."""

import pytest

from adis_bench.datasets.demo.style import DISPLAYS
from adis_bench.datasets.out_of_domain.choices import has_places, load_choices
from adis_bench.errors import ConfigError


def test_the_package_s_choices_are_consistent():
    """Every line has a reason, labels are among the model's eight, and nothing is both taken and left out."""
    choices = load_choices()
    assert {*choices.label_of.values()} <= {*DISPLAYS}
    assert choices.displays["birds_chirping"] == "birds chirping"
    assert choices.label_of["bird chirping, tweeting"] == "birds_chirping"
    assert not {*choices.places} & {*choices.places_left_out}
    assert not {*choices.label_of} & {*choices.vggsound_left_out}
    reasons = [*choices.places.values(), *choices.places_left_out.values(), *choices.vggsound_left_out.values()]
    assert all(reason.strip() for reason in [*reasons, *(c.reason for c in choices.vggsound)])


def test_a_file_replaces_the_tables_that_it_has(tmp_path):
    """A file with sounds alone keeps the package's places, and may use a label of its own."""
    path = tmp_path / "mine.toml"
    path.write_text('[[vggsound]]\nclass = "thunder"\nlabel = "thunder"\nreason = "asked for"\n')
    choices = load_choices(path)
    assert choices.label_of == {"thunder": "thunder"}
    assert choices.displays == {"thunder": "thunder"}
    assert choices.places == load_choices().places
    assert not has_places(path)
    path.write_text('[places]\nbeach = "asked for"\n')
    assert [*load_choices(path).places] == ["beach"]
    assert has_places(path)
    assert not has_places(None)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[places", "is not TOML"),
        ("[place]\nbeach = 'x'", "place"),
        ("[places]", "places"),
        ("[[vggsound]]\nclass = 'hail'\nlabel = 'rain'", "reason"),
        ("[[vggsound]]\nclass = 'hail'\nlabel = 'Hail Storm'\nreason = 'x'", "hail_storm"),
        ("[[vggsound]]\nclass = 'a'\nlabel = 'b'\nreason = 'x'\n[[vggsound]]\nclass = 'a'\nlabel = 'c'\nreason = 'x'", "in two places: a"),
    ],
)
def test_a_bad_file_is_told_in_one_line(tmp_path, text, said):
    """No TOML, an unknown or missing key, a label that is no machine form, a class twice."""
    path = tmp_path / "bad.toml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=said) as caught:
        load_choices(path)
    assert "\n" not in str(caught.value)
    with pytest.raises(ConfigError, match=r"cannot be read .*\[places\]"):
        load_choices(tmp_path / "none.toml")
