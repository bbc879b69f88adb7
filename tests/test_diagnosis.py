"""`eruv doctor` says what is there, and for every fault what mends it."""

from collections import namedtuple
from importlib.metadata import version

import av
import psutil
import pytest
import torch

from eruv import diagnosis

Memory = namedtuple("Memory", ["total", "available"])


@pytest.fixture(autouse=True)
def no_timing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(diagnosis, "shot_detector_ms", lambda: 0.1)


def test_versions_and_devices_are_those_of_this_machine() -> None:
    found = diagnosis.doctor()
    assert found.versions["torch"] == version("torch")
    assert found.versions["eruv"] == version("eruv")
    assert found.devices[0] == "cpu"
    assert len(found.devices) == 1 + torch.cuda.device_count()
    assert found.codecs["mpeg4 (writes proxies)"] == ("mpeg4" in av.codecs_available)


def test_little_memory_and_missing_codecs_are_problems_with_a_way_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(psutil, "virtual_memory", lambda: Memory(8e9, 1e9))
    monkeypatch.setattr(av, "codecs_available", av.codecs_available - {"libx264"})
    found = diagnosis.doctor()
    assert (found.memory_gb, found.free_memory_gb) == (8.0, 1.0)
    assert any("memory is free" in problem for problem in found.problems)
    assert any("no libx264: install PyAV" in problem for problem in found.problems)
    assert not found.codecs["libx264 (writes shots as files)"]


def test_a_build_for_cuda_without_a_device_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.version, "cuda", "13.0")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert any("finds no device" in problem for problem in diagnosis.doctor().problems)
