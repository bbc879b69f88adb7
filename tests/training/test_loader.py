"""Batches: the same ones whoever reads them, in balanced validation and without repeats.

Covers also: loader_processes.
"""

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from itertools import chain
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from eruv.clips.planes import PlaneClips
from eruv.clips.spec import ClipSize
from eruv.pretext.task import EVALUATION, TRAINING, VALIDATION
from eruv.training.loader import Loader, TrainingBatches
from eruv.training.loader_processes import blocked_signals, hidden_main_module
from eruv.training.samples import Key, SampleDataset, SampleSource
from eruv.utils.errors import EruvError

Sources = Callable[..., SampleSource]


@given(
    batch_size=st.integers(1, 5), processes=st.integers(1, 4), first=st.integers(0, 7),
    steps=st.integers(0, 5),
)  # fmt: skip
def test_processes_together_read_what_one_would(
    batch_size: int, processes: int, first: int, steps: int
) -> None:
    ranks = [
        list(TrainingBatches(batch_size, first, first + steps, rank, processes))
        for rank in range(processes)
    ]
    alone = list(TrainingBatches(batch_size * processes, first, first + steps))
    together = [[*chain.from_iterable(parts)] for parts in zip(*ranks, strict=True)]
    assert together == alone
    assert [len(rank) for rank in ranks] == [steps] * processes


def test_a_resumed_training_reads_on_where_it_stopped() -> None:
    whole = list(TrainingBatches(3, 0, 10))
    assert list(TrainingBatches(3, 4, 10)) == whole[4:]
    assert len(TrainingBatches(3, 4, 10)) == 6
    numbers = [number for batch in whole for _, number in batch]
    assert numbers == list(range(30))


def test_training_draws_anew_in_every_epoch(sources: Sources) -> None:
    source = sources().open()
    samples = [source.sample(TRAINING, number) for number in range(3 * source.epoch_size)]
    assert len(set(samples)) == len(samples)


def test_fixed_sets_have_each_possible_class_equally_often(sources: Sources) -> None:
    source = sources().open()
    classes = len(source.labels)
    for stream in (VALIDATION, EVALUATION):
        samples = [source.sample(stream, number) for number in range(4 * classes)]
        assert Counter(sample.label for sample in samples) == dict.fromkeys(source.labels, 4)
        assert {clip.offset for sample in samples for clip in sample.clips} == {(0, 5)}
        assert len(set(samples)) == len(samples)


def test_a_worker_stuck_in_a_file_is_named_and_not_waited_for(
    sources: Sources, tmp_path: Path
) -> None:
    """Files that never answer, as on a disk that has gone: pipes that nobody writes to."""
    source = replace(sources(), proxies=tmp_path)
    paths = source.proxy_paths()
    for video in range(len(paths)):
        paths[video].parent.mkdir(exist_ok=True)
        os.mkfifo(paths[video])
    (keys,) = TrainingBatches(1, 0, 1)
    loader = Loader(SampleDataset({TRAINING: source}), [keys], workers=1, stuck_s=20)
    first_video = min(clip.video for clip in source.open().sample(*keys[0]).clips)
    with pytest.raises(EruvError, match="no batch came for 20 s") as caught:
        next(iter(loader))
    named = [video for video in range(len(paths)) if str(paths[video]) in str(caught.value)]
    assert named == [first_video]


def test_streams_and_seeds_draw_other_samples(sources: Sources) -> None:
    drawn = {
        source.open().sample(stream, number)
        for source in (sources(0), sources(1))
        for stream in (VALIDATION, EVALUATION)
        for number in range(7)
    }
    assert len(drawn) == 28


def test_a_missing_proxy_is_told_before_anything_is_read(sources: Sources, tmp_path: Path) -> None:
    with pytest.raises(EruvError, match=r"lacks 3 of 3 proxies, for example .*\.mp4"):
        replace(sources(), proxies=tmp_path).open()


KEYS: list[list[Key]] = [
    [(TRAINING, 0), (TRAINING, 1)],
    [(VALIDATION, 3)],
    [(TRAINING, 2), (TRAINING, 9)],
]


def test_batches_are_the_same_from_this_process_and_from_workers(sources: Sources) -> None:
    streams = {TRAINING: sources(0), VALIDATION: sources(5)}
    here, there = (list(Loader(SampleDataset(streams), KEYS, workers)) for workers in (0, 1))
    for (clips, labels), (other_clips, other_labels) in zip(here, there, strict=True):
        assert clips.dtype == torch.uint8
        assert clips.shape == (len(labels), 2, 16, 32, 32, 3)
        assert torch.equal(clips, other_clips)
        assert torch.equal(labels, other_labels)


def test_batches_sent_as_planes_are_those_sent_in_rgb(sources: Sources) -> None:
    plain = replace(sources(), size=ClipSize(crop=32))
    as_planes = replace(plain, planes=True)
    keys = [[(TRAINING, number) for number in range(4)]]
    ((clips, labels),) = Loader(SampleDataset({TRAINING: plain}), keys, workers=0)
    sent, _ = SampleDataset({TRAINING: as_planes})[TRAINING, 0]
    assert isinstance(sent, PlaneClips)
    ((converted, other_labels),) = Loader(SampleDataset({TRAINING: as_planes}), keys, workers=1)
    assert converted.shape == clips.shape == (4, 2, 16, 32, 32, 3)
    # Converters for other processors than x86 round otherwise.
    assert (converted.int() - clips.int()).abs().max() <= 3
    assert torch.equal(labels, other_labels)


def test_the_main_module_is_hidden_only_while_processes_start() -> None:
    main = sys.modules["__main__"]
    before = dict(vars(main))
    with hidden_main_module():
        assert "__file__" not in vars(main)
        assert main.__spec__ is None
    assert vars(main) == before


def test_processes_that_start_do_not_hear_ctrl_c() -> None:
    program = "import os, signal, time; os.kill(os.getpid(), signal.SIGINT); print('alive')"
    for number in ("SIGINT", "SIGTERM"):
        with blocked_signals():
            done = subprocess.run(
                [sys.executable, "-c", program.replace("SIGINT", number)], capture_output=True
            )
        assert (done.returncode, done.stdout) == (0, b"alive\n")
    done = subprocess.run([sys.executable, "-c", program], capture_output=True)
    assert done.returncode != 0
