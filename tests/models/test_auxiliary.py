"""Heads that compare any two clips of a batch."""

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from eruv.models.auxiliary import AllPairsHead, ProjectionHead


@settings(max_examples=10)
@given(seed=st.integers(0, 2**31))
def test_all_pairs_are_judged_the_same_in_either_order(seed: int) -> None:
    torch.manual_seed(seed)
    logits = AllPairsHead(6)(torch.randn(5, 6))
    assert logits.shape == (5, 5, 3)
    torch.testing.assert_close(logits, logits.transpose(0, 1))


def test_vectors_have_unit_length() -> None:
    vectors = ProjectionHead(6)(10 * torch.randn(4, 6))
    torch.testing.assert_close(vectors.norm(dim=1), torch.ones(4))


def test_the_queue_holds_the_latest_vectors() -> None:
    head = ProjectionHead(8, queue=3)
    assert head.kept_video.tolist() == [-1, -1, -1]
    for video in range(5):
        head.keep(torch.full((1, 128), float(video)), torch.tensor([video]))
    assert head.kept_video.tolist() == [4, 3, 2]
    assert head.kept[:, 0].tolist() == [4, 3, 2]
