"""Losses between any two clips of a batch, beside sums over all pairs written out.

Covers also: origins.
"""

import math
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional

from eruv.clips.spec import ClipSize
from eruv.models.auxiliary import ProjectionHead
from eruv.models.backbones import make_backbone
from eruv.models.heads import ComparisonHead
from eruv.models.siamese import SiameseNet
from eruv.pretext.eruv import RelationTask
from eruv.pretext.relation_settings import COMPARED, RELATIONS, RelationSettings
from eruv.training.auxiliary_losses import (
    all_pairs_loss,
    auxiliary_heads,
    contrastive_loss,
    relation_loss,
)
from eruv.training.origins import Origins, origin_columns
from films_for_tests import SmallLibrary
from segments_for_tests import FILMS, SEEDS, Films, segment_of, segments_of
from training_for_tests import assert_same_result, one_validation_earlier, tiny, train

SIZE = ClipSize(32, 43, 24)
# Of each clip the video and the shot; shots are numbered over all videos.
PLACES = st.lists(st.sampled_from([(0, 0), (0, 1), (1, 2), (2, 3), (2, 4)]), min_size=1, max_size=7)


def origins_of(places: list[tuple[int, int]]) -> Origins:
    video, shot = torch.tensor(places).unbind(1)
    return Origins(torch.ones(len(places), dtype=torch.bool), video, shot)


@given(films=FILMS, seed=SEEDS)
def test_columns_say_where_each_clip_is_from_and_whether_it_is_altered(
    films: Films, seed: int
) -> None:
    segments = segments_of(films)
    task = RelationTask(segments, SIZE, RelationSettings())
    for label, relation in enumerate(RELATIONS):
        if not task.possible[relation]:
            continue
        sample = task.sample(np.random.default_rng(seed), label)
        rows = np.array(origin_columns(sample, segments)).reshape(2, 3)
        for clip, (video, shot, _) in zip(sample.clips, rows, strict=True):
            assert (video, shot) == (clip.video, segments.shot[segment_of(segments, clip)])
        assert rows[:, 2].tolist() == [1, relation in COMPARED]
        origins = Origins.of(torch.tensor(rows.reshape(1, -1)))
        assert len(origins.shot) == rows[:, 2].sum()
        if relation in COMPARED:
            same_shot, same_video = bool(origins.same_shot[0, 1]), bool(origins.same_video[0, 1])
            assert same_shot == (relation == "C_S")
            assert same_video == (relation != "C_D")


@given(places=PLACES, seed=SEEDS)
def test_all_pairs_weigh_each_class_alike(places: list[tuple[int, int]], seed: int) -> None:
    torch.manual_seed(seed)
    logits = torch.randn(len(places), len(places), 3)
    by_class: dict[int, list[float]] = {}
    for i, one in enumerate(places):
        for j, other in enumerate(places[i + 1 :], i + 1):
            label = 0 if one == other else 1 if one[0] == other[0] else 2
            loss = -float(logits[i, j].log_softmax(0)[label])
            by_class.setdefault(label, []).append(loss)
    means = [sum(losses) / len(losses) for losses in by_class.values()]
    expected = sum(means) / max(1, len(means))
    found = float(all_pairs_loss(logits, origins_of(places)))
    assert found == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("negatives", ["other_video", "other_shot"])
@given(places=PLACES, seed=SEEDS, queued=st.integers(0, 4))
def test_contrast_is_between_one_positive_and_all_negatives(
    negatives: str, places: list[tuple[int, int]], seed: int, queued: int
) -> None:
    torch.manual_seed(seed)
    vectors = functional.normalize(torch.randn(len(places), 128), dim=1)
    head = ProjectionHead(8, queue=5)
    earlier = functional.normalize(torch.randn(queued, 128), dim=1)
    earlier_video = [n % 3 for n in range(queued)]
    head.keep(earlier, torch.tensor(earlier_video, dtype=torch.long))
    losses = []
    for i, one in enumerate(places):
        unlike = [
            float(vectors[i] @ vectors[j])
            for j, other in enumerate(places)
            if other[0] != one[0] or (negatives == "other_shot" and other != one)
        ]
        unlike += [
            float(vectors[i] @ vector)
            for vector, video in zip(earlier, earlier_video, strict=True)
            if video != one[0]
        ]
        for j, other in enumerate(places):
            if j != i and other == one:
                alike = float(vectors[i] @ vectors[j])
                total = sum(math.exp(value / 0.2) for value in (alike, *unlike))
                losses.append(math.log(total) - alike / 0.2)
    expected = sum(losses) / max(1, len(losses))
    found = contrastive_loss(vectors, origins_of(places), head, 0.2, negatives)
    assert float(found) == pytest.approx(expected, abs=1e-4)


def test_gradients_are_finite_where_a_clip_has_no_negative() -> None:
    vectors = torch.nn.Parameter(functional.normalize(torch.randn(4, 128), dim=1))
    origins = origins_of([(0, 0), (0, 0), (0, 1), (0, 1)])
    contrastive_loss(vectors, origins, ProjectionHead(8), 0.1, "other_video").backward()
    assert vectors.grad is not None
    assert torch.isfinite(vectors.grad).all()


def test_a_step_adds_the_losses_by_their_weights_over_unaltered_clips() -> None:
    torch.manual_seed(0)
    relation = RelationSettings(all_pairs=0.5, contrast=2.0)
    backbone = make_backbone("r3d", 0.05)
    features = backbone.num_features
    network = SiameseNet(
        backbone, ComparisonHead(features, 7), "joint", "rgb", auxiliary_heads(relation, features)
    ).eval()
    clips = torch.randint(0, 256, (3, 2, 16, 32, 32, 3), dtype=torch.uint8)
    rows = torch.tensor(  # C_S, P_I with an altered second clip, C_D
        [[0, 0, 0, 1, 0, 0, 1], [4, 0, 1, 1, 0, 1, 0], [2, 1, 2, 1, 2, 3, 1]]
    )
    found = relation_loss(network, clips, rows, relation)
    parts = found.metrics
    expected = parts["relation_loss"] + 0.5 * parts["all_pairs_loss"] + 2 * parts["contrast_loss"]
    torch.testing.assert_close(found.loss, expected)
    torch.testing.assert_close(
        parts["relation_loss"], functional.cross_entropy(network(clips), rows[:, 0])
    )
    kept = network.features(clips).flatten(0, 1)[[0, 1, 2, 4, 5]]
    origins = origins_of([(0, 0), (0, 0), (0, 1), (1, 2), (2, 3)])
    logits = network.auxiliary["all_pairs"](kept)
    torch.testing.assert_close(parts["all_pairs_loss"], all_pairs_loss(logits, origins))


def test_a_training_with_everything_goes_on_bit_for_bit(
    small_library: SmallLibrary, tmp_path: Path
) -> None:
    config = tiny(
        input="residual",
        task=RelationSettings(head="comparison", all_pairs=0.5, contrast=0.5, queue=7, gradual=12),
    )
    whole = train(small_library.folder, tmp_path / "whole", config)
    again = one_validation_earlier(whole, "again")
    train(small_library.folder, again.folder, config)
    assert_same_result(whole, again)
    logged = whole.folder.joinpath("metrics.jsonl").read_text()
    assert "all_pairs_loss" in logged
    assert "contrast_loss" in logged


def test_contrast_needs_no_queue(small_library: SmallLibrary, tmp_path: Path) -> None:
    config = tiny(task=RelationSettings(head="comparison", contrast=0.5), pairs=4)
    assert train(small_library.folder, tmp_path / "run", config).finished


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"all_pairs": -1.0}, "all_pairs must be at least 0"),
        ({"temperature": 0.0}, "temperature must be positive"),
        ({"negatives": "none"}, "negatives must be"),
        ({"queue": 8}, "queue is of the contrast"),
    ],
)
def test_settings_out_of_range_are_refused(wrong: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        RelationSettings(**wrong)
