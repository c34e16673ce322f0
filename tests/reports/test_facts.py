"""Names and texts of anything that fits into JSON."""

from reports.facts import facts


def test_facts_keep_intervals_with_their_values():
    """Nested facts are flattened, and an interval stands with its value and with what belongs to it."""
    accuracy = {"value": 0.875, "ci_low": 0.8, "ci_high": 0.9, "chance": 0.125}
    shown = facts({"accuracy": accuracy, "train": {"steps": 10, "cold": True}, "digest": "x"}, ["digest"])
    assert [(f.name, f.text) for f in shown] == [
        ("accuracy", "0.875 [0.800, 0.900] (chance 0.125)"),
        ("train: steps", "10"),
        ("train: cold", "yes"),
    ]


def test_facts_of_any_shape_have_a_text():
    """A plug-in may say anything that fits into JSON: lists of records, empty ones, nothing."""
    shown = facts({"stages": [{"steps": 5, "rate": 0.1}, {"steps": 7, "rate": 0.01}], "empty": [], "none": None})
    assert [(f.name, f.text) for f in shown] == [("stages", "steps 5, rate 0.1, steps 7, rate 0.01")]
