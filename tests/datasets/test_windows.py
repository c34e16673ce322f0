"""Which pieces of a video become segments, and which frames stand for them."""

import numpy as np
import pytest

from adis_bench.datasets.windows import Window, fixed_windows, window_frames


def test_segments_are_three_seconds_and_the_tail():
    """Segments are three seconds and the tail."""
    windows = fixed_windows(7.5)
    assert [(w.number, w.start_s, w.end_s) for w in windows] == [(1, 0.0, 3.0), (2, 3.0, 6.0), (3, 6.0, 7.5)]
    assert len(fixed_windows(9.0)) == 3
    assert len(fixed_windows(9.0000000001)) == 3  # a rounding of timestamps is no tail
    assert fixed_windows(0.4) == [Window(1, 0.0, 0.4)]


@pytest.mark.parametrize(
    ("n", "expected"),
    [
        (90, [0, 11, 22, 33, 44, 55, 66, 77]),
        (75, [0, 9, 18, 27, 36, 45, 54, 63]),
        (8, [0, 1, 2, 3, 4, 5, 6, 7]),
        (15, [0, 1, 2, 3, 4, 5, 6, 7]),
    ],
)
def test_the_released_rule_takes_every_floor_of_an_eighth(n, expected):
    """By hand: 90 frames give a stride of 11, 75 one of 9, 15 one of 1 (the second half is never seen)."""
    times = np.arange(n) * 3.0 / n
    assert window_frames(times, Window(1, 0.0, 3.0), "stride", 8).tolist() == expected


def test_the_released_rule_repeats_short_pieces():
    """The released rule repeats short pieces."""
    times = np.arange(3) / 30
    assert window_frames(times, Window(1, 0.0, 0.1), "stride", 8).tolist() == [0, 1, 2, 0, 1, 2, 0, 1]


def test_uniform_takes_the_middles_of_eighths():
    """90 frames in 3 s: middles at 0.1875 s, 0.5625 s ... are frames 5, 16, 28, 39, 50, 61, 73, 84."""
    times = np.arange(300) / 30
    assert window_frames(times, Window(1, 0.0, 3.0), "uniform", 8).tolist() == [5, 16, 28, 39, 50, 61, 73, 84]
    assert window_frames(times, Window(2, 3.0, 6.0), "uniform", 8).tolist() == [95, 106, 118, 129, 140, 151, 163, 174]


def test_uniform_goes_by_time_where_the_frame_rate_varies():
    """A picture that stays on the screen for two of three seconds is two thirds of the frames."""
    times = np.array([0.0, 0.1, 2.1, 2.2, 2.9])
    assert window_frames(times, Window(1, 0.0, 3.0), "uniform", 6).tolist() == [1, 1, 1, 1, 3, 3]
    assert window_frames(times, Window(1, 0.0, 3.0), "stride", 5).tolist() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("rule", ["uniform", "stride"])
def test_a_still_picture_stands_for_all(rule):
    """Where no frame begins in the window, the one on the screen is taken; before the first, the first."""
    times = np.array([1.0, 2.0])
    assert window_frames(times, Window(4, 9.0, 12.0), rule, 4).tolist() == [1] * 4
    assert window_frames(times, Window(1, 0.0, 0.5), rule, 4).tolist() == [0] * 4


def test_frames_at_a_border_belong_to_the_later_segment():
    """3.0 as a fraction of timestamps may be a little less; frame 90 at 30 a second is in the second segment."""
    times = np.arange(180) * (1001 / 30030)
    assert window_frames(times, Window(2, 3.0, 6.0), "stride", 8)[0] == 90
    times = times - 1e-10
    assert window_frames(times, Window(2, 3.0, 6.0), "stride", 8)[0] == 90
    assert 90 not in window_frames(times, Window(1, 0.0, 3.0), "stride", 90).tolist()
