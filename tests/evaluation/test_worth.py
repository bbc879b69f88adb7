"""Is an encoder worth trying? Shots found again by known features, and what is said of them."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from eruv.clips.spec import ClipSize
from eruv.evaluation.relations import RelationAccuracy, relations
from eruv.evaluation.worth import MOST_SHOTS, QUERIES, judge, shares_nearer, shot_pairs, worth
from eruv.models.encoder import load
from eruv.models.saving import weights_digest
from films_for_tests import SmallLibrary
from segments_for_tests import segments_of
from training_for_tests import tiny, train

SIZE = ClipSize(32, 43, 32)


def accuracy_of(share: float, pairs: int = 100) -> RelationAccuracy:
    return RelationAccuracy(
        pretext="eruv",
        relation_accuracy=share,
        chance=1 / 7,
        relations=dict.fromkeys("abcdefg", share),
        confusion=[],
        loss=1.0,
        paper=None,
        pairs_per_relation=pairs,
        evaluation_seed=0,
        pairs_seen=10,
    )


def test_a_shot_gives_its_first_and_its_last_clip_if_they_share_no_frame() -> None:
    pairs = shot_pairs(segments_of([[[31], [32], [300, 100]], [[20, 20]]]), SIZE)
    found = [(one.video, one.frames[0], other.frames[0]) for one, other in pairs]
    assert found == [(0, 41, 57), (0, 83, 467), (1, 0, 24)]
    assert all(len(clip.frames) == 16 and clip.is_unaltered for pair in pairs for clip in pair)


def test_of_many_shots_some_from_everywhere_are_taken() -> None:
    pairs = shot_pairs(segments_of([[[40]] * 700, [[40]] * 600]), SIZE)
    assert len(pairs) == MOST_SHOTS
    assert 0.4 < np.mean([one.video for one, _ in pairs]) < 0.52
    assert len(set(pairs)) == MOST_SHOTS


def test_the_share_of_nearer_shots_is_counted_for_each() -> None:
    gallery = np.eye(4, dtype=np.float32) + 0.01
    queries = np.array([[9, 0, 0, 0], [0, 1, 5, 0], [3, 2, 1, 4], [0, 0, 0, 1]], np.float32)
    assert shares_nearer(gallery, queries).tolist() == pytest.approx([0, 1 / 3, 1, 0])


def test_features_that_are_all_alike_tell_nothing() -> None:
    equal = np.ones((9, 4), np.float32)
    assert shares_nearer(equal, equal).tolist() == pytest.approx([0.5] * 9)
    assert shares_nearer(0 * equal, 0 * equal).tolist() == pytest.approx([0.5] * 9)


def test_the_verdict_needs_shots_found_sooner_than_untrained_and_a_task_that_is_learned() -> None:
    noise = np.linspace(-0.1, 0.1, 100, dtype=np.float32)
    soon, late = 0.2 + noise, np.full(100, 0.4, np.float32)
    hardly_sooner = 0.39 + noise
    assert judge(soon, late, accuracy_of(0.5), "another clip")[0] == "yes"
    assert judge(late, soon, accuracy_of(0.5), "another clip")[0] == "no"
    assert judge(soon, soon, accuracy_of(0.5), "another clip")[0] == "no"
    assert judge(hardly_sooner, late, accuracy_of(0.5), "another clip")[0] == "no"
    assert judge(soon, late, accuracy_of(0.15), "another clip")[0] == "no"
    _, figures = judge(soon, late, accuracy_of(0.5), "another clip")
    assert "it ranks 20% of the other 99 before the right one (untrained 40%" in figures
    assert "it solves its own task in 50% (chance 14%)" in figures


def test_only_pictures_are_asked_for_in_other_colours() -> None:
    assert {name: looks.is_off for name, (_, looks) in QUERIES.items()} == {
        "rgb": False,
        "residual": True,
    }


def test_one_answer_for_all_samples_is_no_task_learned() -> None:
    soon, late = np.linspace(0.1, 0.3, 100, dtype=np.float32), np.full(100, 0.4, np.float32)
    two_shown = {"C_S": 1.0, "C_V": None, "C_D": 0.0}
    found = replace(accuracy_of(0.5), relations=two_shown, chance=1 / 3)
    verdict, figures = judge(soon, late, found, "another clip")
    assert verdict == "no"
    assert "it solves its own task in 50% (chance 50% among the 2 that can be shown)" in figures


@pytest.mark.parametrize(
    ("seen_as", "query"),
    [("rgb", "another clip, in other colours,"), ("residual", "another clip")],
)
def test_a_run_is_judged_once_for_its_weights(
    small_library: SmallLibrary,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    seen_as: str,
    query: str,
) -> None:
    config = tiny(pairs=4, input=seen_as)
    held_out = replace(config.validation, share=0.5)
    run = train(small_library.folder, tmp_path / "run", replace(config, validation=held_out))
    scarce = worth(run.folder, device="cpu")
    assert (scarce.verdict, scarce.same_shot) == ("unknown", None)
    assert f"{scarce.shots} held-out shots have two clips" in scarce.sentence
    monkeypatch.setattr("eruv.evaluation.worth.FEWEST_SHOTS", 2)
    assert worth(run.folder, device="cpu") == scarce  # of worth.json
    (run.folder / "worth.json").unlink()
    found = worth(run.folder, device="cpu")
    assert found.weights == weights_digest(run.folder, load(run.folder).input)
    assert found.verdict == "no"  # nothing is learned from four pairs
    assert f"not worth trying yet. Given {query} of a held-out shot, it ranks" in found.sentence
    assert "saw 4 pairs. Run the same command with more videos" in found.sentence
    assert 0 <= (found.same_shot or 0) <= 1
    record = json.loads((run.folder / "worth.json").read_text())
    assert record == found.to_dict()
    (run.folder / "worth.json").unlink()
    assert worth(run.folder, device="cpu") == found
    assert relations(run.folder, device="cpu").pairs_seen == 4
