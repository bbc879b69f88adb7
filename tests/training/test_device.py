"""Device, precision and threads of a training."""

import pytest
import torch

from eruv.training.device import autocast, make_accelerator, resolve_precision, torch_threads
from eruv.training.pretrain_config import PretrainConfig
from eruv.training.start import for_this_machine
from eruv.utils.errors import EruvError


@pytest.mark.parametrize(
    ("precision", "device", "resolved"),
    [
        ("auto", "cpu", "fp32"),
        ("fp32", "cpu", "fp32"),
        ("auto", "cuda", "bf16"),
        ("bf16", "cuda", "bf16"),
        ("fp32", "cuda", "fp32"),
    ],
)
def test_auto_is_the_device_s_precision(precision: str, device: str, resolved: str) -> None:
    assert resolve_precision(precision, device) == resolved


def test_bf16_on_cpu_is_refused_with_the_reason() -> None:
    with pytest.raises(EruvError, match=r"gradients that are not finite .* Use precision fp32"):
        resolve_precision("bf16", "cpu")


@pytest.mark.parametrize("precision", ["auto", "fp32", "bf16"])
def test_on_cpu_nothing_is_computed_in_less_than_fp32(precision: str) -> None:
    layer = torch.nn.Linear(2, 2)
    with autocast(torch.device("cpu"), precision):
        assert layer(torch.zeros(1, 2)).dtype == torch.float32


def test_threads_and_precision_left_to_the_machine_are_settled() -> None:
    settled = for_this_machine(PretrainConfig(), "cuda", processes=10_000)
    assert (settled.threads, settled.precision) == (1, "bf16")
    settled = for_this_machine(PretrainConfig(threads=3, precision="fp32"), "cpu", processes=2)
    assert (settled.threads, settled.precision) == (3, "fp32")


def test_accelerate_takes_no_precision_from_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ACCELERATE_MIXED_PRECISION", "bf16")
    assert make_accelerator("cpu").mixed_precision == "no"


def test_the_caller_has_its_threads_again_whatever_happens() -> None:
    before = torch.get_num_threads()

    def fail() -> None:
        with torch_threads(before + 1):
            assert torch.get_num_threads() == before + 1
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert torch.get_num_threads() == before
