"""What this machine and this installation can do, and what is wrong with them."""

import os
import platform
import shutil
import sys
import time
from dataclasses import dataclass
from importlib.metadata import version

from eruv.utils.results import Result
from eruv.utils.version import VERSION

PACKAGES = ("torch", "av", "lancedb", "accelerate", "numpy")
LEAST_MEMORY_BYTES = 4e9
LEAST_DISK_BYTES = 2e9
FRAMES_TIMED = 256
# What a codec is for, and the names under which FFmpeg has it.
CODECS = {
    "mpeg4 (writes proxies)": {"mpeg4"},
    "libx264 (writes shots as files)": {"libx264"},
    "h264 (reads most videos)": {"h264"},
    "hevc": {"hevc"},
    "av1": {"libdav1d", "av1"},
}


@dataclass(frozen=True)
class Diagnosis(Result):
    """What `doctor` found.

    Attributes:
        python, platform, versions: of the interpreter, the machine and the packages.
        devices: cpu, and every CUDA device with its name.
        cores, threads: of the machine, and those that torch uses.
        memory_gb, free_memory_gb, free_disk_gb: the disk is that of the working directory.
        codecs: which of those that matter are there.
        shot_detector_ms: milliseconds of one core that the shot detector takes for a frame.
        problems: what is wrong, and what mends it.
    """

    python: str
    platform: str
    versions: dict[str, str]
    devices: tuple[str, ...]
    cores: int | None
    threads: int
    memory_gb: float
    free_memory_gb: float
    free_disk_gb: float
    codecs: dict[str, bool]
    shot_detector_ms: float
    problems: tuple[str, ...]


def doctor() -> Diagnosis:
    """Look at versions, devices, threads, memory, disk and codecs."""
    import av
    import psutil
    import torch

    memory = psutil.virtual_memory()
    free_disk = shutil.disk_usage(os.getcwd()).free
    names = (torch.cuda.get_device_name(index) for index in range(torch.cuda.device_count()))
    return Diagnosis(
        python=platform.python_version(),
        platform=platform.platform(),
        versions={"eruv": VERSION} | {name: version(name) for name in PACKAGES},
        devices=("cpu", *(f"cuda:{index} {name}" for index, name in enumerate(names))),
        cores=os.cpu_count(),
        threads=torch.get_num_threads(),
        memory_gb=round(memory.total / 1e9, 1),
        free_memory_gb=round(memory.available / 1e9, 1),
        free_disk_gb=round(free_disk / 1e9, 1),
        codecs={use: bool(names & av.codecs_available) for use, names in CODECS.items()},
        shot_detector_ms=round(shot_detector_ms(), 3),
        problems=_problems(memory.available, free_disk),
    )


def _problems(free_memory: float, free_disk: float) -> tuple[str, ...]:
    import av
    import torch

    missing = [name for name in ("mpeg4", "libx264") if name not in av.codecs_available]
    problems = {
        f"PyAV has no {' and no '.join(missing)}: install PyAV from its wheel "
        f"(pip install --force av)": bool(missing),
        "less than 4 GB of memory is free: training may be killed": (
            free_memory < LEAST_MEMORY_BYTES
        ),
        "less than 2 GB of disk is free here: choose folders on another disk": (
            free_disk < LEAST_DISK_BYTES
        ),
        "torch was built for CUDA but finds no device: check the driver with nvidia-smi, "
        "or install the CPU build, which is much smaller": (
            bool(torch.version.cuda) and not torch.cuda.is_available()
        ),
        "the file system encoding is not UTF-8: set PYTHONUTF8=1": (
            sys.getfilesystemencoding().lower() != "utf-8"
        ),
    }
    return tuple(text for text, is_so in problems.items() if is_so)


def shot_detector_ms() -> float:
    """Milliseconds of one core that the default shot detector takes for a frame.

    The first call compiles the detector's code for this machine, once for all.
    """
    import numpy as np

    from eruv.detection.detectors import DetectorChoice

    picture = DetectorChoice().make().picture
    rows, columns = picture.height, picture.width
    shapes = [(rows, columns), *[(rows // 2, columns // 2)] * 2]  # planes of yuv420p
    rng = np.random.default_rng(0)
    frames = [[rng.integers(16, 236, shape, np.uint8) for shape in shapes] for _ in range(4)]
    for _ in range(2):
        detector = DetectorChoice().make()
        started = time.process_time()
        for number in range(FRAMES_TIMED):
            detector.add(frames[number // 16 % len(frames)])
        detector.finish()
        seconds = time.process_time() - started
    return 1000 * seconds / FRAMES_TIMED
