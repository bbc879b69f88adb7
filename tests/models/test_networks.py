"""Networks around the backbones: what goes in, what comes out, and that an encoder comes back.

Covers also: backbones, encoder, heads, inputs, saving, siamese.
"""

import json
import shutil
from pathlib import Path

import pytest
import torch

import eruv
from eruv.models.backbones import make_backbone
from eruv.models.encoder import Encoder
from eruv.models.heads import ComparisonHead, ConcatenationHead, PairwiseHead
from eruv.models.inputs import network_input
from eruv.models.siamese import SiameseNet

CLIPS = torch.randint(0, 256, (3, 2, 16, 32, 32, 3), dtype=torch.uint8)


def siamese(batch_norm: str) -> SiameseNet:
    torch.manual_seed(0)
    backbone = make_backbone("r3d", 0.05)
    head = ConcatenationHead(2 * backbone.num_features, 7)
    return SiameseNet(backbone, head, batch_norm)


def test_input_is_scaled_to_the_unit_interval_and_laid_out_for_convolutions() -> None:
    clips = CLIPS[:, 0]
    found = network_input(clips)
    assert found.shape == (3, 3, 16, 32, 32)
    assert found.dtype == torch.float32
    assert found.is_contiguous(memory_format=torch.channels_last_3d)
    expected = clips.to(torch.float64) / 255
    torch.testing.assert_close(found[1, 2, 5, 7, 11], expected[1, 5, 7, 11, 2].float())
    assert network_input(torch.full((1, 1, 1, 1, 3), 255, dtype=torch.uint8)).max() == 1.0


def test_clips_that_are_scaled_already_are_refused_and_stay_as_they_are() -> None:
    clips = torch.rand(1, 16, 32, 32, 3)
    before = clips.clone()
    with pytest.raises(TypeError, match="clips must be uint8"):
        Encoder("r3d", 0.05)(clips)
    assert torch.equal(clips, before)


def test_the_head_is_one_linear_layer_on_both_features_in_order() -> None:
    head = ConcatenationHead(4, 3)
    features = torch.rand(5, 2, 2)
    expected = torch.cat([features[:, 0], features[:, 1]], dim=1) @ head.linear.weight.T
    torch.testing.assert_close(head(features), expected + head.linear.bias)


def test_the_pairwise_head_compares_every_two_clips_by_the_same_layer() -> None:
    head = PairwiseHead(4, 3, 6).eval()
    features = torch.randn(5, 3, 4)
    hidden = [
        torch.cat([features[:, one], features[:, other]], 1) @ head.compare.weight.T
        + head.compare.bias
        for one, other in ((0, 1), (0, 2), (1, 2))
    ]
    expected = torch.cat([values.clamp(min=0) for values in hidden], 1) @ head.linear.weight.T
    torch.testing.assert_close(head(features), expected + head.linear.bias)


@pytest.mark.parametrize("num_features", [512, 26])
def test_the_pairwise_head_compares_in_512_numbers_at_any_width(num_features: int) -> None:
    head = PairwiseHead(num_features, 3, 6)
    count = sum(weights.numel() for weights in head.parameters())
    assert count == (2 * num_features * 512 + 512) + (3 * 512 * 6 + 6)


def test_the_pairwise_head_drops_half_of_what_was_compared_while_it_learns() -> None:
    head = PairwiseHead(4, 3, 6).train()
    seen = []
    head.linear.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    features = torch.randn(1, 3, 4).expand(400, 3, 4)
    head(features)
    head.eval()(features)
    dropped, whole = seen
    alive = whole[0] > 0
    share = (dropped[:, alive] == 0).float().mean()
    assert 0.47 < share < 0.53
    torch.testing.assert_close(dropped.max(0).values, 2 * whole[0])


@pytest.mark.parametrize("batch_norm", ["joint", "per_clip"])
def test_in_evaluation_each_clip_goes_through_alone_and_keeps_its_slot(batch_norm: str) -> None:
    network = siamese(batch_norm).eval()
    slots = [network.backbone(network_input(CLIPS[:, slot])) for slot in (0, 1)]
    torch.testing.assert_close(network(CLIPS), network.head(torch.stack(slots, 1)))


def test_joint_batch_norm_takes_its_statistics_over_both_clips_of_all_pairs() -> None:
    network = siamese("joint").train()
    together = siamese("joint").train().backbone(network_input(CLIPS.flatten(0, 1)))
    features = torch.stack([together[0::2], together[1::2]], 1)
    torch.testing.assert_close(network(CLIPS), network.head(features))


def test_joint_and_per_clip_batch_norm_differ_in_training_as_their_statistics_do() -> None:
    joint, per_clip = siamese("joint").train(), siamese("per_clip").train()
    slots = [siamese("joint").train().backbone(network_input(CLIPS[:, slot])) for slot in (0, 1)]
    torch.testing.assert_close(per_clip(CLIPS), per_clip.head(torch.stack(slots, 1)))
    assert not torch.allclose(joint(CLIPS), per_clip(CLIPS), atol=1e-4)


def test_another_batch_norm_is_refused() -> None:
    with pytest.raises(ValueError, match="'joint' or 'per_clip'; got 'sync'"):
        siamese("sync")


@pytest.fixture
def saved(tmp_path: Path) -> tuple[Encoder, Path]:
    torch.manual_seed(1)
    encoder = Encoder("r3d", 0.05, 32, 43, 32, details={"relations": ["C_S", "C_D"]})
    encoder.train()
    encoder(CLIPS[:, 0])  # statistics other than the initial ones
    encoder.save_pretrained(tmp_path / "encoder")
    return encoder.eval(), tmp_path / "encoder"


def test_a_saved_encoder_comes_back_with_one_line(saved: tuple[Encoder, Path]) -> None:
    encoder, folder = saved
    for name in (folder, str(folder)):
        loaded = eruv.load(name)
        assert not loaded.training
        assert torch.equal(loaded(CLIPS[:, 0]), encoder(CLIPS[:, 0]))
        assert loaded.size == encoder.size
        assert loaded.details == {"relations": ["C_S", "C_D"]}
    assert loaded(CLIPS[:, 1]).shape == (3, loaded.num_features)
    assert loaded.forward_features(CLIPS[:, 1]).shape == (3, loaded.num_features, 2, 2, 2)


def test_a_folder_without_an_encoder_is_refused(saved: tuple[Encoder, Path]) -> None:
    _, folder = saved
    with pytest.raises(eruv.EruvError, match="holds no encoder"):
        eruv.load(folder.parent / "nowhere")
    (folder / "config.json").unlink()
    with pytest.raises(eruv.EruvError, match="holds no encoder"):
        eruv.load(folder)


@pytest.mark.parametrize("damage", ["weights", "json", "other kind", "other width"])
def test_a_damaged_or_foreign_encoder_is_refused(
    saved: tuple[Encoder, Path], damage: str, tmp_path: Path
) -> None:
    folder = tmp_path / "damaged"
    shutil.copytree(saved[1], folder)
    config = json.loads((folder / "config.json").read_text())
    if damage == "weights":
        (folder / "model.safetensors").write_bytes(b"no tensors")
    elif damage == "json":
        (folder / "config.json").write_text("{")
    else:
        changed = {"backbone": "bert"} if damage == "other kind" else {"width": 0.1}
        (folder / "config.json").write_text(json.dumps(config | changed))
    with pytest.raises(eruv.EruvError, match=r"holds no encoder of eruv, or a damaged one"):
        eruv.load(folder)


def test_the_comparison_head_adds_a_comparison_to_what_the_second_clip_says() -> None:
    torch.manual_seed(0)
    head = ComparisonHead(6, 5)
    first, second = torch.randn(2, 4, 6)
    alone = second @ head.linear.weight.T + head.linear.bias
    logits = head(torch.stack([first, second], dim=1))
    torch.testing.assert_close(logits - alone, head.compare(first, second))
    torch.testing.assert_close(head.compare(first, second), head.compare(second, first))
    scaled = head.compare(3 * first, second)  # features are normalised before they are compared
    torch.testing.assert_close(scaled, head.compare(first, second), atol=1e-4, rtol=1e-4)


def test_every_layer_of_a_comparison_head_gets_a_gradient() -> None:
    head = ComparisonHead(5, 2)
    torch.nn.functional.cross_entropy(
        head(torch.randn(3, 2, 5)), torch.tensor([0, 1, 0])
    ).backward()
    assert all(weights.grad is not None for weights in head.parameters())


def test_likeness_is_learned_by_comparison_and_not_by_one_linear_layer() -> None:
    """Equal or opposite random features: no sum of two functions tells which (III-C)."""
    torch.manual_seed(0)
    first = torch.randn(512, 8)
    same = torch.arange(512) % 2 == 0
    features = torch.stack([first, torch.where(same[:, None], first, -first)], dim=1)
    accuracies = []
    for head in (ConcatenationHead(16, 2), ComparisonHead(8, 2)):
        optimizer = torch.optim.Adam(head.parameters(), 0.01)
        for _ in range(150):
            loss = torch.nn.functional.cross_entropy(head(features[:256]), same[:256].long())
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        right = head(features[256:]).argmax(dim=1) == same[256:]
        accuracies.append(right.float().mean().item())
    linear, comparison = accuracies
    assert linear < 0.6
    assert comparison > 0.95


def test_residual_frames_are_twice_the_change_to_the_next_frame() -> None:
    clips = CLIPS[:, 0]
    found = network_input(clips, "residual")
    pixels = network_input(clips)
    assert found.shape == pixels.shape
    torch.testing.assert_close(found[:, :, 3], 2 * (pixels[:, :, 4] - pixels[:, :, 3]))
    assert torch.equal(found[:, :, 15], found[:, :, 14])
    still = clips[:, :1].expand_as(clips)
    assert not network_input(still, "residual").any()


def test_an_encoder_remembers_its_input(tmp_path: Path) -> None:
    encoder = Encoder("r3d", 0.05, 32, 43, 32, input="residual").eval()
    encoder.save_pretrained(tmp_path)
    loaded = eruv.load(tmp_path)
    assert loaded.input == "residual"
    clips = CLIPS[:, 0]
    with torch.no_grad():
        expected = encoder.backbone(network_input(clips, "residual"))
        torch.testing.assert_close(loaded(clips), expected)
        torch.testing.assert_close(loaded.forward_features(clips).mean((2, 3, 4)), expected)
    with pytest.raises(ValueError, match="input must be one of rgb, residual; got 'flow'"):
        Encoder("r3d", 0.05, 32, 43, 32, input="flow")
