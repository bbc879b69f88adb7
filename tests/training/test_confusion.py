"""Confusion counts, against scikit-learn's."""

import pytest
import torch
from accelerate import Accelerator
from sklearn.metrics import confusion_matrix, log_loss, recall_score
from torch import nn

from eruv.training.confusion import Confusion, measure_confusion

CLASSES = 4
CPU = Accelerator(cpu=True, mixed_precision="no")


def batches_of_logits(seed: int) -> list[tuple[torch.Tensor, torch.Tensor]]:
    generator = torch.Generator().manual_seed(seed)
    return [
        (torch.randn(size, CLASSES, generator=generator), torch.randint(0, CLASSES, (size,)))
        for size in (8, 8, 3)
    ]


def test_counts_loss_and_accuracies_are_scikit_learn_s() -> None:
    torch.manual_seed(0)
    batches = batches_of_logits(0)
    found = measure_confusion(nn.Identity().train(), batches, CLASSES, CPU)
    logits = torch.cat([logits for logits, _ in batches])
    labels = torch.cat([labels for _, labels in batches])
    expected = confusion_matrix(labels, logits.argmax(1), labels=range(CLASSES))
    assert found.counts.tolist() == expected.tolist()
    assert found.loss == pytest.approx(
        log_loss(labels, logits.double().softmax(1), labels=range(CLASSES))
    )
    recalls = recall_score(labels, logits.argmax(1), average=None, labels=range(CLASSES))
    assert found.class_accuracy == pytest.approx(recalls.tolist())
    assert found.mean_accuracy == pytest.approx(recalls.mean())


def test_the_mean_is_over_classes_however_many_samples_each_has() -> None:
    found = Confusion(torch.tensor([[90, 10], [1, 0]]), 0.0)
    assert found.mean_accuracy == pytest.approx((0.9 + 0.0) / 2)


def test_a_class_without_samples_has_no_accuracy_and_no_part_in_the_mean() -> None:
    found = Confusion(torch.tensor([[3, 1, 0], [0, 0, 0], [0, 0, 2]]), 0.0)
    assert found.class_accuracy == [0.75, None, 1.0]
    assert found.mean_accuracy == pytest.approx(0.875)


def test_the_model_is_measured_in_evaluation_mode() -> None:
    model = nn.Sequential(nn.Dropout(0.9), nn.Identity()).train()
    batches = [(torch.eye(CLASSES), torch.arange(CLASSES))]
    assert measure_confusion(model, batches, CLASSES, CPU).mean_accuracy == 1.0
