"""Figures in the back change nothing but the places where they are seen.

Covers also: looks.
"""

from dataclasses import replace

import numpy as np
import pytest

from eruv.films.actions import ACTIONS, SPEEDS
from eruv.films.bystanders import HEIGHTS, OFFSETS
from eruv.films.cloth import CLOTHS
from eruv.films.plan import FilmPlan, plan_films
from eruv.films.render import fingerprint
from eruv.films.stage import Stage


def without(plan: FilmPlan) -> FilmPlan:
    return replace(plan, shots=tuple(replace(shot, bystanders=()) for shot in plan.shots))


@pytest.mark.parametrize("seed", range(3))
def test_all_else_of_a_film_stays_as_it_is(seed: int) -> None:
    plain, crowded = plan_films(seed, 4, 3), plan_films(seed, 4, 3, bystanders=2)
    assert [without(plan) for plan in crowded] == plain
    assert {fingerprint(plan) for plan in plain}.isdisjoint(map(fingerprint, crowded))
    assert len({fingerprint(plan) for plan in (*crowded, *plain)}) == 2 * len(plain)
    assert fingerprint(plan_films(seed, 1, 0, 2)[0]) != fingerprint(plan_films(seed, 1, 0, 3)[0])


def test_bystanders_wear_what_their_split_wears_and_stand_in_the_back() -> None:
    actions = []
    for plan in plan_films(0, 6, 6, bystanders=3):
        for shot in plan.shots:
            assert len(shot.bystanders) == 3
            assert [one.height for one in shot.bystanders] == sorted(
                one.height for one in shot.bystanders
            )
            for one in shot.bystanders:
                actions.append(one.action == shot.action)
                assert {one.look.shirt.pattern, one.look.trousers.pattern} <= set(
                    CLOTHS[plan.split]
                )
                assert HEIGHTS[0] <= one.height / shot.height <= HEIGHTS[1]
                assert OFFSETS[0] <= abs(one.offset) <= OFFSETS[1]
                assert SPEEDS[0] <= one.speed <= SPEEDS[1]
    # What they do says nothing about the label.
    assert np.mean(actions) == pytest.approx(1 / len(ACTIONS), abs=0.06)


def test_pictures_differ_where_bystanders_are_and_the_front_figure_covers_them() -> None:
    plan = plan_films(0, 1, 0, bystanders=3)[0]
    changed = []
    for shot, plain in zip(plan.shots, without(plan).shots, strict=True):
        crowded, alone = (
            np.asarray(Stage(plan, one, shot.start, shot.start + 1).picture(shot.start))
            for one in (shot, plain)
        )
        differs = (crowded != alone).any(axis=2)
        changed.append(differs.mean())
        assert not differs[: int(0.15 * len(differs))].any()
    assert 0.02 < np.mean(changed) < 0.25
