"""Recomputed batch-norm statistics are plain means over the batches."""

import torch
from torch import nn

from eruv.training.batch_norm import recompute_batch_norm


def test_statistics_become_the_mean_over_the_batches() -> None:
    torch.manual_seed(0)
    layer = nn.BatchNorm3d(3)
    layer(torch.rand(2, 3, 4, 5, 5) + 7)  # something to forget
    batches = [torch.randn(4, 3, 2, 6, 6) * scale for scale in (1, 2, 5)]
    recompute_batch_norm(layer, batches)
    means = torch.stack([batch.mean((0, 2, 3, 4)) for batch in batches])
    variances = torch.stack([batch.var((0, 2, 3, 4)) for batch in batches])
    torch.testing.assert_close(layer.running_mean, means.mean(0))
    torch.testing.assert_close(layer.running_var, variances.mean(0))


def test_weights_momentum_and_mode_stay() -> None:
    torch.manual_seed(0)
    for training in (True, False):
        model = nn.Sequential(nn.Conv3d(3, 2, 1), nn.BatchNorm3d(2, momentum=0.3)).train(training)
        before = {name: weights.clone() for name, weights in model.named_parameters()}
        recompute_batch_norm(model, [torch.rand(2, 3, 2, 4, 4)])
        assert model.training is training
        assert model[1].momentum == 0.3
        assert all(torch.equal(before[name], now) for name, now in model.named_parameters())
        assert all(weights.grad is None for weights in model.parameters())


def test_in_a_deep_network_each_layer_sees_batches_normalised_by_themselves() -> None:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Conv3d(3, 4, 1), nn.BatchNorm3d(4), nn.ReLU(), nn.BatchNorm3d(4))
    batch = torch.rand(2, 3, 2, 4, 4)
    recompute_batch_norm(model, [batch, batch])
    inner = model[:3].train()(batch)
    torch.testing.assert_close(model[3].running_mean, inner.mean((0, 2, 3, 4)).detach())
