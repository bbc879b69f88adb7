"""Makes the modules of `benchmarks/` importable, and a folder of sources of plain colours."""

import sys
from pathlib import Path

import av
import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))


@pytest.fixture(scope="session")
def plain_clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Clips under names that the benchmark knows, each of one grey: the n-th is 50 + 20 n."""
    folder = tmp_path_factory.mktemp("clips")
    names = ["fi002", "fi072", "fi110", "fi145", "nofi004", "nofi128", "nofi133", "nofi137"]
    for number, name in enumerate(names):
        with av.open(str(folder / f"{name}.mp4"), "w") as container:
            stream = container.add_stream("libx264", rate=25, options={"crf": "4"})
            stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
            picture = np.full((72, 64), 128, np.uint8)
            picture[:48] = 50 + 20 * number
            for _ in range(50):
                container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, "yuv420p")))
            container.mux(stream.encode(None))
    return folder
