"""Learning rates and lengths of a training, against numbers by hand."""

import pytest

from reference_model.schedule import Schedule
from reference_model.settings import TrainerSettings

TEN_STEPS = 10
"""Steps of an epoch in these tests."""


def schedule(**settings: object) -> Schedule:
    """30 + 20 epochs of ten steps at a rate of 1, unless told otherwise."""
    return Schedule(TrainerSettings(**{"learning_rate": 1.0, **settings}), TEN_STEPS)


def test_the_released_ending_leaves_a_21st() -> None:
    """Epochs 1 to 30 have the whole rate, 31 has 20/21, 40 has 11/21, 50 has 1/21, each the same in all its steps."""
    released = schedule()
    assert released.n_steps == 500
    assert {released.learning_rate(step) for step in range(300)} == {1.0}
    for epoch, expected in ((31, 20 / 21), (40, 11 / 21), (50, 1 / 21)):
        rates = [released.learning_rate(step) for step in range((epoch - 1) * TEN_STEPS, epoch * TEN_STEPS)]
        assert rates == pytest.approx([expected] * TEN_STEPS), epoch


def test_the_appendix_ends_at_zero() -> None:
    """``zero`` falls with every step: half way through the 200 decaying steps 1/2, at the last one 1/200."""
    zero = schedule(ending="zero")
    assert zero.learning_rate(299) == zero.learning_rate(300) == 1.0
    assert zero.learning_rate(301) == pytest.approx(199 / 200)
    assert zero.learning_rate(400) == pytest.approx(0.5)
    assert zero.learning_rate(499) == pytest.approx(1 / 200)


@pytest.mark.parametrize("ending", ["released", "zero"])
def test_a_number_of_steps_stretches_the_schedule(ending: str) -> None:
    """With 50 steps instead of 500, step k has the rate of step 10 k."""
    short, whole = schedule(ending=ending, steps=50), schedule(ending=ending)
    assert short.n_steps == 50
    assert [short.learning_rate(k) for k in range(50)] == pytest.approx([whole.learning_rate(10 * k) for k in range(50)])


@pytest.mark.parametrize("ending", ["released", "zero"])
def test_without_decaying_epochs_the_rate_stays(ending: str) -> None:
    """30 + 0 epochs keep the whole rate to their end, and nothing divides by zero."""
    flat = schedule(ending=ending, decay_epochs=0)
    assert {flat.learning_rate(step) for step in range(flat.n_steps)} == {1.0}
    assert not flat.decays(flat.n_steps - 1)


def test_the_decaying_epochs_begin_after_the_thirtieth() -> None:
    """Step 299 is the last of epoch 30."""
    assert not schedule().decays(299)
    assert schedule().decays(300)
