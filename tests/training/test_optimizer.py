"""The settings of an optimizer reach it, and a step is the one that they say."""

import pytest
import torch
from torch import nn

from eruv.training.base_config import OptimizerSettings
from eruv.training.optimizer import make_optimizer


def test_sgd_steps_against_the_gradient_with_decay_and_momentum() -> None:
    network = nn.Linear(1, 1, bias=False)
    nn.init.constant_(network.weight, 2.0)
    settings = OptimizerSettings(name="sgd", learning_rate=0.1, momentum=0.5, weight_decay=0.01)
    optimizer = make_optimizer(network, settings)
    expected, velocity = 2.0, 0.0
    for _ in range(2):
        network.weight.grad = torch.tensor([[1.0]])
        optimizer.step()
        velocity = 0.5 * velocity + 1.0 + 0.01 * expected
        expected -= 0.1 * velocity
        assert network.weight.item() == pytest.approx(expected)


def test_adamw_takes_momentum_as_its_first_beta() -> None:
    settings = OptimizerSettings(name="adamw", learning_rate=0.01, momentum=0.8, weight_decay=0.1)
    (group,) = make_optimizer(nn.Linear(2, 2), settings).param_groups
    assert (group["lr"], group["betas"], group["weight_decay"]) == (0.01, (0.8, 0.999), 0.1)
