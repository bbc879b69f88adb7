"""Fig. 5: features of a few classes in the plane, one panel for each encoder."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from eruv.clips.spec import CLIP_FRAMES
from eruv.datasets.labelled_videos import LabelledVideo, LabelledVideos
from eruv.evaluation.features import CLIPS_PER_VIDEO, Extractor, clip_starts, on_device
from eruv.evaluation.projection import Projection, project
from eruv.figures.drawing import figure_style, save_figure
from eruv.figures.separation import NEIGHBOURS, Separation, separation
from eruv.models.encoder import Encoder
from eruv.training.device import choose_device
from eruv.utils.errors import EruvError

CLASSES, SAMPLES_OF_CLASS = 3, 100
# Okabe and Ito's colours, distinguishable with any colour vision; the markers differ, too.
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000", "#b8a800")
MARKERS = "o^sDvPX*"
PANEL_INCHES = 3.3


def embedding_figure(
    encoders: Mapping[str, Encoder],
    videos: LabelledVideos,
    to: Path | str,
    *,
    name: str = "embedding",
    classes: Sequence[str] | None = None,
    samples_of_class: int = SAMPLES_OF_CLASS,
    method: str = "pca",
    seed: int = 0,
    device: str = "auto",
) -> dict[str, Any]:
    """Show how features of a few classes lie, for several encoders side by side (Fig. 5).

    The feature of a clip is the average of the last maps (512 numbers at full width).

    Args:
        encoders: by the title of their panels.
        videos: the data set; training and test videos are taken alike.
        to: folder, made where there is none.
        name: of the files, without suffix.
        classes: which; None draws three of them.
        samples_of_class: clips of each class.
        method: pca, tsne or umap.
        seed: of the classes and clips drawn, and of tsne and umap.
        device: auto, cpu or cuda.

    Returns:
        classes, samples (how many of each), method, panels (silhouette, neighbour_accuracy and
        chance of each title) and files.

    Raises:
        EruvError: if there are not the classes, or not the videos.
    """
    chosen = chosen_classes(videos, classes, seed)
    clips = chosen_clips(videos, chosen, samples_of_class, seed)
    labels = [clip.label for clip in clips]
    groups = [clip.video for clip in clips]
    where = choose_device(device)
    features = {
        title: Extractor(
            videos, encoder.size, on_device(encoder, where), where, clips_per_video=1
        ).all_rows(clips, f"features, {title}")
        for title, encoder in encoders.items()
    }
    measured = {title: separation(rows, labels, groups) for title, rows in features.items()}
    drawn = {title: project(rows, method, seed) for title, rows in features.items()}
    with figure_style():
        figure = drawn_figure(drawn, measured, labels, chosen)
    files = save_figure(figure, Path(to), name)
    return {
        "data_set": videos.name,
        "classes": chosen,
        "samples": {label: labels.count(label) for label in chosen},
        "method": method,
        "panels": {title: asdict(one) for title, one in measured.items()},
        "files": [str(path) for path in files],
    }


def chosen_classes(videos: LabelledVideos, classes: Sequence[str] | None, seed: int) -> list[str]:
    """The classes that are shown, in the order of the data set.

    Raises:
        EruvError: if there are not so many, or not these.
    """
    present = {video.label for video in (*videos.train, *videos.test)}
    known = [name for name in videos.classes if name in present]
    if classes is None:
        count = min(CLASSES, len(known))
        drawn = np.random.default_rng(seed).choice(len(known), count, replace=False).tolist()
        classes = [known[number] for number in drawn]
    unknown = [name for name in classes if name not in known]
    if unknown:
        raise EruvError(
            f"{videos.name} has no videos of {', '.join(unknown)}; it has {', '.join(known)}."
        )
    if not 2 <= len(set(classes)) <= len(COLOURS):
        raise EruvError(
            f"the figure can show 2 to {len(COLOURS)} classes; got {', '.join(classes) or 'none'}."
        )
    return [name for name in known if name in classes]


def chosen_clips(
    videos: LabelledVideos, classes: Sequence[str], count: int, seed: int
) -> list[LabelledVideo]:
    """Clips of each class: as many videos as there are, and more clips of each only then.

    Of a video the first one is the clip in its middle; the next ones are others of its ten. A
    video of under 16 frames is one clip, which begins again.
    """
    generator = np.random.default_rng([seed, 1])
    clips = []
    for label in classes:
        of_class = [one for one in (*videos.train, *videos.test) if one.label == label]
        order = generator.permutation(len(of_class)).tolist()
        for place in range(min(count, CLIPS_PER_VIDEO * len(of_class))):
            turn, position = divmod(place, len(of_class))
            video = of_class[order[position]]
            # From the middle of the ten outwards: 5, 4, 6, 3 ...
            number = CLIPS_PER_VIDEO // 2 + (turn + 1) // 2 * (-1) ** turn
            start = video.start + clip_starts(video.num_frames)[number]
            end = min(start + CLIP_FRAMES, video.end)
            clips.append(LabelledVideo(video.video, start, end, label))
    return clips


def drawn_figure(
    panels: Mapping[str, Projection],
    measured: Mapping[str, Separation],
    labels: Sequence[str],
    classes: Sequence[str],
) -> Figure:
    """The figure: a panel for each encoder, its numbers below, one legend for all."""
    width = max(2, len(panels)) * PANEL_INCHES
    height = PANEL_INCHES + 0.8
    figure = Figure(figsize=(width, height))
    axes = figure.subplots(1, len(panels), squeeze=False)[0]
    figure.subplots_adjust(
        0.3 / width, 0.95 / height, 1 - 0.12 / width, 1 - 0.32 / height, wspace=0.14
    )
    for axis, (title, projection) in zip(axes, panels.items(), strict=True):
        _draw_panel(axis, title, projection, measured[title], labels, classes)
    handles, names = axes[0].get_legend_handles_labels()
    figure.legend(
        handles, names, loc="lower center", ncols=len(classes), frameon=False, markerscale=1.4
    )
    return figure


def _draw_panel(
    axis: Axes,
    title: str,
    projection: Projection,
    measured: Separation,
    labels: Sequence[str],
    classes: Sequence[str],
) -> None:
    for label, colour, mark in zip(classes, COLOURS, MARKERS, strict=False):
        points = projection.points[[one == label for one in labels]]
        x, y = points.T
        axis.scatter(x, y, s=16, c=colour, marker=mark, alpha=0.75, linewidths=0, label=label)
    axis.set_title(title)
    axis.set_xlabel(projection.axes[0], size=7.5)
    axis.set_ylabel(projection.axes[1], size=7.5)
    axis.set_xticks([])
    axis.set_yticks([])
    words = (
        f"silhouette {measured.silhouette:.2f}\n{NEIGHBOURS} nearest neighbours: "
        f"{measured.neighbour_accuracy:.0%} right, guessing {measured.chance:.0%}"
    ).replace("-", "\N{MINUS SIGN}")
    axis.annotate(
        words, (0.5, 0), (0, -18), "axes fraction", "offset points", ha="center", va="top", size=8
    )
