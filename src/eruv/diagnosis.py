"""What this machine and this installation can do, and what is wrong with them.

Goes out: versions, devices, threads, memory, and problems with their mends.
"""

import os
import platform
import shutil
import sys
import time
from importlib.metadata import version
from typing import Any

PACKAGES = ("eruv", "torch", "av", "lancedb", "accelerate", "numpy")
LEAST_MEMORY_BYTES = 4e9
LEAST_DISK_BYTES = 2e9
FRAMES_TIMED = 256


def doctor() -> dict[str, Any]:
    """Look at versions, devices, threads, memory and disk.

    Returns:
        versions, devices, cores, threads, memory_gb, free_disk_gb, codecs, the milliseconds that
        the shot detector takes for a frame, and problems.
    """
    import av
    import psutil
    import torch

    memory = psutil.virtual_memory()
    disk = shutil.disk_usage(os.getcwd())
    codecs = {
        "mpeg4 (writes proxies)": "mpeg4" in av.codecs_available,
        "libx264 (writes shots as files)": "libx264" in av.codecs_available,
        "h264 (reads most videos)": "h264" in av.codecs_available,
        "hevc": "hevc" in av.codecs_available,
        "av1": bool({"libdav1d", "av1"} & av.codecs_available),
    }
    devices = ["cpu"] + [
        f"cuda:{index} {torch.cuda.get_device_name(index)}"
        for index in range(torch.cuda.device_count())
    ]
    found = {
        "python": platform.python_version(),
        "platform": platform.platform(),
        "versions": {name: version(name) for name in PACKAGES},
        "devices": devices,
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "memory_gb": round(memory.total / 1e9, 1),
        "free_memory_gb": round(memory.available / 1e9, 1),
        "free_disk_gb": round(disk.free / 1e9, 1),
        "codecs": codecs,
        "shot_detector_ms": round(shot_detector_ms(), 3),
    }
    problems = []
    missing = [name for name in ("mpeg4", "libx264") if name not in av.codecs_available]
    if missing:
        problems.append(
            f"PyAV has no {' and no '.join(missing)}: install PyAV from its wheel "
            f"(pip install --force av)"
        )
    if memory.available < LEAST_MEMORY_BYTES:
        problems.append("less than 4 GB of memory is free: training may be killed")
    if disk.free < LEAST_DISK_BYTES:
        problems.append("less than 2 GB of disk is free here: name folders on another disk")
    if torch.version.cuda and not torch.cuda.is_available():
        problems.append(
            "torch was built for CUDA but finds no device: check the driver with nvidia-smi, "
            "or install the CPU build, which is much smaller"
        )
    if sys.getfilesystemencoding().lower() != "utf-8":
        problems.append("the file system encoding is not UTF-8: set PYTHONUTF8=1")
    return {**found, "problems": problems}


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
