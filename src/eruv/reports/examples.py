"""One real pair for each relation, from the held-out videos.

Comes in: a run and its library. Goes out: two film strips a relation.
"""

from typing import Any

from eruv.library import Library
from eruv.pretext.eruv import RELATIONS
from eruv.pretext.task import EVALUATION
from eruv.reports.pictures import jpeg_uri, strip
from eruv.training.config import PretrainConfig
from eruv.training.data import SampleSource
from eruv.training.run_folder import RunFolder
from eruv.training.start import task_maker

# Every second of the 16 frames is shown.
SHOWN_STEP = 2

EXPLAINED = {
    "C_S": "Two clips of one shot: the same place, a little earlier or later.",
    "C_V": "Two clips of one video, from different shots.",
    "C_D": "Two clips of different videos.",
    "C_R": "The second clip is turned by 90, 180 or 270 degrees.",
    "P_I": "The second clip runs backwards.",
    "P_D": "The frames of the second clip are shuffled.",
    "P_S": "The second clip shows every second or fourth frame.",
}


def example_pairs(run: RunFolder, library: Library, config: PretrainConfig) -> list[dict[str, Any]]:
    """For each relation its name, its explanation and two strips, or None where impossible."""
    source = SampleSource(
        catalogue=run.held_out_data,
        proxies=library.folder / "proxies",
        proxy_settings=library.settings.proxy,
        size=config.size,
        make_task=task_maker(config),
        seed=config.seed,
    ).open()
    examples = []
    for label, name in enumerate(source.task.classes):
        strips = None
        if label in source.labels:
            sample = source.sample(EVALUATION, source.labels.index(label))
            clips = source.read(sample).numpy()[:, ::SHOWN_STEP]  # (2, 8, H, W, 3)
            strips = [jpeg_uri(strip(clip)) for clip in clips]
        examples.append(
            {
                "name": name,
                "title": RELATIONS[name],
                "text": EXPLAINED[name],
                "strips": strips,
            }
        )
    source.reader.close()
    return examples
