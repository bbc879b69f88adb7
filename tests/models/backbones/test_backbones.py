"""The three networks against the published ones: sizes, shapes, parts, and that they learn.

Covers also: base, c3d, r2plus1d, r3d, residual.
"""

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from eruv.models.backbones import BACKBONES, Backbone, make_backbone
from eruv.models.backbones.r2plus1d import R2Plus1D, middle_channels
from eruv.models.heads import ConcatenationHead
from eruv.models.siamese import SiameseNet
from eruv.pretext import TASKS, PretextTask
from eruv.pretext.segment_arrays import Segments
from eruv.training.feasibility import task_maker
from eruv.training.pretrain_config import PretrainConfig

NAMES = ("c3d", "r3d", "r2plus1d")
PARAMETERS = {"c3d": 27_661_440, "r3d": 14_361_792, "r2plus1d": 14_365_303}
WITH_101_CLASSES = {"c3d": 27_713_253, "r3d": 14_413_605, "r2plus1d": 14_417_116}
WITH_51_CLASSES = {"c3d": 27_687_603, "r3d": 14_387_955, "r2plus1d": 14_391_466}
WITH_ERUV_HEAD = {"c3d": 27_668_615, "r3d": 14_368_967, "r2plus1d": 14_372_478}
# Channels, frames and side of the maps of each stage, for a clip of 16 frames of 112 pixels.
C3D_MAPS = [(64, 16, 112), (128, 16, 56), (256, 8, 28), (512, 4, 14), (512, 2, 7)]
RESIDUAL_MAPS = [(64, 16, 56), (64, 16, 56), (128, 8, 28), (256, 4, 14), (512, 2, 7)]


def count(*modules: nn.Module) -> int:
    return sum(weights.numel() for module in modules for weights in module.parameters())


def convolutions(network: nn.Module) -> list[nn.Conv3d]:
    return [module for module in network.modules() if isinstance(module, nn.Conv3d)]


def stages(network: Backbone) -> list[nn.Module]:
    stem = [network.stem] if hasattr(network, "stem") else []
    return [*stem, *network.stages]


@pytest.mark.parametrize("name", NAMES)
def test_parameter_counts_are_the_published_ones(name: str) -> None:
    with torch.device("meta"):
        network = make_backbone(name)
        assert count(network) == PARAMETERS[name]
        assert count(network, nn.Linear(512, 101)) == WITH_101_CLASSES[name]
        assert count(network, nn.Linear(512, 51)) == WITH_51_CLASSES[name]
        head = ConcatenationHead(1024, 7)
        assert count(head) == 7_175
        assert count(network, head) == WITH_ERUV_HEAD[name]


@pytest.mark.parametrize("name", NAMES)
def test_maps_of_every_stage_have_the_published_shapes(name: str) -> None:
    with torch.device("meta"):
        network = make_backbone(name)
        clips = torch.empty(2, 3, 16, 112, 112)
        shapes = []
        for stage in stages(network):
            clips = stage(clips)
            shapes.append((clips.shape[1], clips.shape[2], clips.shape[3]))
            assert clips.shape[3] == clips.shape[4]
        assert shapes == (C3D_MAPS if name == "c3d" else RESIDUAL_MAPS)
        maps = network.forward_features(torch.empty(2, 3, 16, 112, 112))
        assert maps.shape == (2, 512, 2, 7, 7)
        assert network(torch.empty(2, 3, 16, 112, 112)).shape == (2, 512)


@pytest.mark.parametrize("name", NAMES)
def test_stages_are_the_maps_that_features_go_through_and_later_ones_leave_them(name: str) -> None:
    torch.manual_seed(0)
    network = make_backbone(name, 0.05).eval()
    clips = torch.rand(2, 3, 16, 32, 32)
    seen: list[Tensor] = []
    hooks = [
        stage.register_forward_hook(lambda module, inputs, maps: seen.append(maps.clone()))
        for stage in stages(network)
    ]
    features = network.forward_features(clips)
    for hook in hooks:
        hook.remove()
    found = network.forward_stages(clips, [5, 1, 2, 3, 4])
    assert sorted(found) == [1, 2, 3, 4, 5]
    assert all(torch.equal(found[number], maps) for number, maps in enumerate(seen, start=1))
    assert torch.equal(found[5], features)
    alone = network.forward_stages(clips, [4])
    assert list(alone) == [4]
    assert torch.equal(alone[4], seen[3])


@pytest.mark.parametrize("wanted", [[], [0], [4, 6]])
def test_a_stage_that_there_is_not_is_refused(wanted: list[int]) -> None:
    network = make_backbone("r3d", 0.05)
    with pytest.raises(ValueError, match="stages must be from 1 to 5"):
        network.forward_stages(torch.rand(1, 3, 16, 32, 32), wanted)


def test_only_c3d_has_biases_in_its_convolutions() -> None:
    with torch.device("meta"):
        for name in NAMES:
            has_bias = [layer.bias is not None for layer in convolutions(make_backbone(name))]
            assert all(has_bias) if name == "c3d" else not any(has_bias)
        assert len(convolutions(make_backbone("c3d"))) == 8


def test_r2plus1d_keeps_the_parameters_of_each_full_convolution() -> None:
    with torch.device("meta"):
        layers = convolutions(R2Plus1D())
    spatial, temporal = layers[::2], layers[1::2]
    assert all(layer.kernel_size[0] == 1 for layer in spatial)
    assert all(layer.kernel_size[1:] == (1, 1) for layer in temporal)
    middles = [layer.out_channels for layer in spatial]
    #      stem  stage 2  stage 3, shortcut  stage 4, shortcut  stage 5, shortcut
    assert middles == [83, 144, 144, 230, 288, 42, 460, 576, 85, 921, 1152, 170]
    assert middle_channels(1, 1, (1, 1, 1)) == 1  # never none, however narrow


@pytest.mark.parametrize("name", NAMES)
def test_forward_is_the_average_of_the_last_maps(name: str) -> None:
    network = make_backbone(name, 0.05).eval()
    clips = torch.rand(2, 3, 16, 32, 32)
    maps = network.forward_features(clips)
    torch.testing.assert_close(network(clips), maps.flatten(2).mean(2))


def test_every_batch_norm_is_followed_by_relu_and_none_comes_after_the_sum() -> None:
    network = make_backbone("r3d", 0.05).eval()
    maps = network.forward_features(torch.rand(1, 3, 16, 32, 32))
    assert maps.min() >= 0
    assert (maps == 0).any()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("width", [0.05, 0.25, 0.5, 2.0])
def test_width_scales_all_channels(name: str, width: float) -> None:
    with torch.device("meta"):
        network = make_backbone(name, width)
        assert network.num_features == round(512 * width)
        assert network.forward_features(torch.empty(1, 3, 16, 64, 64)).shape[1:] == (
            network.num_features, 2, 4, 4,
        )  # fmt: skip
        share = count(network) / PARAMETERS[name]
    assert width**2 * 0.8 < share < width**2 * 1.4


@pytest.mark.parametrize("width", [0.0, -1.0, 5.0, float("nan")])
def test_a_width_out_of_range_is_refused(width: float) -> None:
    with pytest.raises(ValueError, match="width must be a factor"):
        make_backbone("c3d", width)


def test_an_unknown_backbone_is_refused_with_those_there_are() -> None:
    assert tuple(BACKBONES) == NAMES
    with pytest.raises(ValueError, match="c3d, r3d, r2plus1d; got 'resnet'"):
        make_backbone("resnet")


def train_step(network: nn.Module, optimizer: torch.optim.Optimizer, batch: tuple[Tensor, Tensor]):
    logits = network(batch[0])
    loss = functional.cross_entropy(logits, batch[1])
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return float(loss.detach()), logits.detach()


def random_batch(task: PretextTask, number: int, side: int, seed: int) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    shape = (number, task.num_clips, 16, side, side, 3)
    clips = torch.randint(0, 256, shape, generator=generator)
    return clips.to(torch.uint8), torch.arange(number) % len(task.classes)


def task_of(pretext: str) -> PretextTask:
    segments = Segments.group(*np.array([[0, 0, 0, 300], [1, 0, 0, 300]]).T)
    return task_maker(PretrainConfig.from_dict({"pretext": pretext}))(segments)


def siamese(name: str, width: float, task: PretextTask) -> SiameseNet:
    torch.manual_seed(0)
    backbone = make_backbone(name, width)
    return SiameseNet(backbone, task.make_head(backbone.num_features), "joint")


@pytest.mark.parametrize("name", NAMES)
def test_one_step_at_full_width_is_finite_and_moves_every_weight(name: str) -> None:
    task = task_of("eruv")
    network = siamese(name, 1.0, task)
    before = {key: weights.clone() for key, weights in network.named_parameters()}
    optimizer = torch.optim.SGD(network.parameters(), lr=0.01, weight_decay=5e-4)
    loss, _ = train_step(network, optimizer, random_batch(task, 1, 48, seed=1))
    assert 0 < loss < 20
    for key, weights in network.named_parameters():
        assert torch.isfinite(weights).all(), key
        assert not torch.equal(weights, before[key]), f"{key} stayed as it was"


@pytest.mark.parametrize("pretext", TASKS)
@pytest.mark.parametrize("name", NAMES)
def test_each_backbone_learns_one_batch_of_each_task_by_heart(name: str, pretext: str) -> None:
    task = task_of(pretext)
    network = siamese(name, 0.125, task)
    optimizer = torch.optim.SGD(network.parameters(), lr=0.05, momentum=0.9)
    batch = random_batch(task, 4, 56, seed=2)
    for _ in range(40):
        loss, logits = train_step(network, optimizer, batch)
        if loss < 0.1:
            break
    assert (logits.argmax(1) == batch[1]).all()
