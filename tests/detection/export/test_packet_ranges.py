"""Which shots can be copied: laws over every order in which frames may be sent."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from eruv.detection.export.packet_ranges import CopyPlanner, Packets, decoding_times, jumps

TICK_S = 0.04


def packets(shown: list[int], keys: list[bool]) -> Packets:
    """Packets in order of decoding, each with the place at which it is shown."""
    return Packets(np.array(shown, np.int64), np.array(keys), TICK_S)


def copyable(
    packets: Packets, times_s: np.ndarray, shots: list[tuple[int, int]]
) -> list[tuple[int, int]]:
    """Packets [first, last) that are exactly a shot; (0, 0) where there are none."""
    planner = CopyPlanner(packets, times_s)
    found = [planner.exact(*shot) for shot in shots]
    return [(0, 0) if isinstance(one, str) else (one.first, one.last) for one in found]


def times(count: int) -> np.ndarray:
    return np.arange(count) * TICK_S


@st.composite
def films(draw: st.DrawFn) -> tuple[list[int], list[bool], list[tuple[int, int]]]:
    """Frames that are sent a little out of order, some keys, and shots."""
    count = draw(st.integers(2, 24))
    lateness = draw(st.lists(st.integers(0, 3), min_size=count, max_size=count))
    shown = sorted(range(count), key=lambda frame: (frame + lateness[frame], frame))
    keys = draw(st.lists(st.booleans(), min_size=count, max_size=count))
    ends = sorted({*draw(st.sets(st.integers(1, count - 1))), count})
    return shown, keys, list(zip([0, *ends[:-1]], ends, strict=True))


@given(films())
def test_what_is_copied_is_the_shot_and_begins_with_a_key(
    film: tuple[list[int], list[bool], list[tuple[int, int]]],
) -> None:
    shown, keys, shots = film
    for (start, end), (first, last) in zip(
        shots, copyable(packets(shown, keys), times(len(shown)), shots), strict=True
    ):
        wanted = set(range(start, end))
        possible = any(
            set(shown[place : place + end - start]) == wanted
            and shown[place] == start
            and keys[place]
            for place in range(len(shown))
        )
        assert (last > 0) == possible
        if possible:
            assert set(shown[first:last]) == wanted
            assert keys[first]
            assert shown[first] == start


def test_an_open_group_of_pictures_cannot_begin_a_shot() -> None:
    shots = [(0, 6), (6, 8)]
    shown = [0, 3, 1, 2, 6, 4, 5, 7]  # 6 is a key, but 4 and 5 are sent after it
    keys = [frame in (0, 6) for frame in shown]
    assert copyable(packets(shown, keys), times(8), shots) == [(0, 0), (0, 0)]
    # With 4 and 5 sent before it, both shots are in one piece each.
    closed = [0, 3, 1, 2, 4, 5, 6, 7]
    keys = [frame in (0, 6) for frame in closed]
    assert copyable(packets(closed, keys), times(8), shots) == [(0, 6), (6, 8)]


def test_nothing_is_copied_where_packets_are_not_frames() -> None:
    whole = packets([0, 1, 2, 3], [True] * 4)
    assert copyable(whole, times(5), [(0, 3)]) == [(0, 0)]
    assert copyable(whole, times(3), [(0, 3)]) == [(0, 3)]  # the part that is looked at
    assert copyable(whole, times(4) * 2, [(0, 4)]) == [(0, 0)]
    assert copyable(packets([0, 1, 1, 2], [True] * 4), times(4), [(0, 4)]) == [(0, 0)]
    assert copyable(whole, times(4) + 7.5, [(0, 4)]) == [(0, 4)]  # a film that starts late


@given(st.permutations(range(20)), st.integers(-50, 50))
def test_packets_are_decoded_in_order_and_before_they_are_shown(
    shown: list[int], offset: int
) -> None:
    pts = np.array(shown, np.int64) * 3 + offset
    dts = decoding_times(pts)
    assert (np.diff(dts) > 0).all()
    assert (dts <= pts).all()
    assert (dts == pts).any()  # no later than it must be


@given(films())
def test_from_the_key_frame_before_it_a_shot_is_whole(
    film: tuple[list[int], list[bool], list[tuple[int, int]]],
) -> None:
    shown, keys, shots = film
    planner = CopyPlanner(packets(shown, keys), times(len(shown)))
    for start, end in shots:
        found = planner.from_key_frame(start, end)
        before = [frame for place, frame in enumerate(shown) if keys[place] and frame <= start]
        if isinstance(found, str):
            assert not before
            assert found == f"there is no key frame before frame {start}"
            continue
        assert start - found.early == max(before) == shown[found.first]
        # A frame that is stored before its key frame has no place in what begins there.
        held = {one for one in shown[found.first : found.last] if one >= start - found.early}
        assert sum(one >= end for one in held) == found.late
        if all(shown.index(frame) >= found.first for frame in range(start, end)):
            assert set(range(start, end)) <= held


def test_why_a_shot_is_not_copied() -> None:
    def why(shown: list[int], keys: set[int], shot: tuple[int, int], count: int = 8) -> object:
        found = packets(shown, [frame in keys for frame in shown])
        return CopyPlanner(found, times(count)).exact(*shot)

    order = list(range(8))
    assert why(order, {0}, (3, 8)) == "frame 3 is no key frame, the one before it is frame 0"
    assert why(order, {4}, (3, 8)) == "frame 3 is no key frame"
    assert why(order, {0}, (0, 8), 9) == "its packets are not its frames one by one"
    mixed = [0, 3, 1, 2, 6, 4, 5, 7]
    assert why(mixed, {0, 6}, (6, 8)) == "its packets and those of another shot are mixed"


def test_a_clock_that_jumps_is_seen() -> None:
    steady = packets(list(range(100)), [True] * 100)
    assert not jumps(steady, times(100))
    assert not jumps(steady, times(98) + 7)
    assert jumps(packets([*range(50), *range(1000, 1050)], [True] * 100), times(100))
