"""Fig. 5: which clips are shown, what their features are, and that the figure tells it."""

from pathlib import Path

import numpy as np
import pytest
import torch
from matplotlib.backends.backend_agg import FigureCanvasAgg

from eruv.clips.spec import ClipSize, ClipSpec
from eruv.datasets.labelled_videos import LabelledVideo, LabelledVideos
from eruv.evaluation.features import clip_starts
from eruv.evaluation.projection import project
from eruv.figures.drawing import figure_style
from eruv.figures.embedding import (
    chosen_classes,
    chosen_clips,
    drawn_figure,
    embedding_figure,
)
from eruv.figures.separation import Separation, separation
from eruv.library.catalogue import Library
from eruv.models.encoder import Encoder
from eruv.utils.errors import EruvError
from films_for_tests import SmallLibrary

SIZE = ClipSize(32, 43, 32)


@pytest.fixture(scope="module")
def videos(small_library: SmallLibrary) -> LabelledVideos:
    """The class of a stretch is its video, but for the last one."""
    library = Library(small_library.folder)
    stretches = [
        LabelledVideo(video, 20 * part, 20 * part + (9 if part == 6 else 20), "abcdc"[video])
        for video in range(5)
        for part in range(7)
    ]
    return LabelledVideos(
        "stretches",
        library,
        tuple(library.video_ids()),
        tuple("abcde"),
        tuple(stretches[::2]),
        tuple(stretches[1::2]),
    )


def encoder(seed: int = 0) -> Encoder:
    torch.manual_seed(seed)
    return Encoder("r3d", 0.03, SIZE.height, SIZE.width, SIZE.crop).eval()


def test_every_video_of_a_class_is_shown_before_any_is_shown_twice(
    videos: LabelledVideos,
) -> None:
    clips = chosen_clips(videos, ["a", "c"], 40, seed=0)
    everything = (*videos.train, *videos.test)
    starts = [clip_starts(20)[number] for number in (5, 4, 6)]
    for label, count in (("a", 7), ("c", 14)):
        part = [clip for clip in clips if clip.label == label]
        assert len(part) == 40
        # No two of the videos share a frame.
        shown = [
            next(
                one
                for one in everything
                if one.video == clip.video and one.start <= clip.start < one.end
            )
            for clip in part
        ]
        assert len(set(shown[:count])) == count
        for video in set(shown):
            of_video = [clip for clip, one in zip(part, shown, strict=True) if one == video]
            if video.num_frames == 20:
                found = [clip.start - video.start for clip in of_video[:3]]
                assert found == starts[: len(found)]
                assert {clip.num_frames for clip in of_video} == {16}
            else:
                assert set(of_video) == {video}  # nine frames, which begin again
    assert clips == chosen_clips(videos, ["a", "c"], 40, seed=0)
    assert clips != chosen_clips(videos, ["a", "c"], 40, seed=1)
    assert len(chosen_clips(videos, ["a"], 1000, seed=0)) == 70  # ten clips of seven videos


def test_classes_are_drawn_by_seed_or_named_and_in_the_order_of_the_data_set(
    videos: LabelledVideos,
) -> None:
    drawn = {tuple(chosen_classes(videos, None, seed)) for seed in range(20)}
    assert all(len(one) == 3 and list(one) == sorted(one) for one in drawn)
    assert len(drawn) > 1
    assert chosen_classes(videos, ["d", "a"], 0) == ["a", "d"]
    with pytest.raises(EruvError, match="stretches has no videos of e; it has a, b, c, d"):
        chosen_classes(videos, ["a", "e"], 0)
    with pytest.raises(EruvError, match="can show 2 to 8 classes; got a"):
        chosen_classes(videos, ["a"], 0)


def test_the_numbers_are_of_the_average_of_the_last_maps_of_these_clips(
    videos: LabelledVideos, tmp_path: Path
) -> None:
    network = encoder()
    made = embedding_figure(
        {"random": network}, videos, tmp_path, classes=["a", "b"], samples_of_class=9, device="cpu"
    )
    clips = chosen_clips(videos, ["a", "b"], 9, seed=0)
    reader = videos.reader(SIZE)
    rows = []
    for clip in clips:
        frames = tuple(clip.start + step % clip.num_frames for step in range(16))
        pixels = reader.read(ClipSpec(clip.video, frames, SIZE.centre))
        maps = network.forward_features(torch.from_numpy(pixels)[None]).detach()[0]
        rows.append(maps.flatten(1).mean(dim=1).numpy())
    reader.close()
    labels, groups = [clip.label for clip in clips], [clip.video for clip in clips]
    expected = separation(np.stack(rows), labels, groups)
    found = made["panels"]["random"]
    assert found["silhouette"] == pytest.approx(expected.silhouette, abs=1e-4)
    assert found["neighbour_accuracy"] == expected.neighbour_accuracy


def test_the_figure_is_written_with_numbers_under_each_panel(
    videos: LabelledVideos, tmp_path: Path
) -> None:
    encoders = {"random": encoder(0), "other <&> $x": encoder(1)}
    made = embedding_figure(
        encoders, videos, tmp_path / "new", classes=["a", "b"], samples_of_class=12, device="cpu"
    )
    assert made["samples"] == {"a": 12, "b": 12}
    assert list(made["panels"]) == list(encoders)
    for numbers in made["panels"].values():
        assert -1 <= numbers["silhouette"] <= 1
        assert 0 <= numbers["neighbour_accuracy"] <= 1
        assert numbers["chance"] == 0.5
    files = [Path(path) for path in made["files"]]
    assert [path.name for path in files] == ["embedding.png", "embedding.svg"]
    again = embedding_figure(
        encoders, videos, tmp_path / "two", classes=["a", "b"], samples_of_class=12, device="cpu"
    )
    for one, other in zip(files, again["files"], strict=True):
        assert one.read_bytes() == Path(other).read_bytes(), one.name
    assert again["panels"] == made["panels"]


def test_panels_show_the_points_of_each_class_and_the_numbers_of_their_space() -> None:
    generator = np.random.default_rng(0)
    labels = ["a"] * 6 + ["b"] * 8
    rows = generator.standard_normal((14, 5)).astype(np.float32)
    drawn, measured = project(rows), separation(rows, labels)
    figure = drawn_figure({"one": drawn}, {"one": measured}, labels, ["a", "b"])
    (axis,) = figure.axes
    shown = [collection.get_offsets() for collection in axis.collections]
    np.testing.assert_allclose(shown[0], drawn.points[:6])
    np.testing.assert_allclose(shown[1], drawn.points[6:])
    (words,) = [text.get_text() for text in axis.texts]
    assert f"{abs(measured.silhouette):.2f}" in words
    assert f"{measured.neighbour_accuracy:.0%}" in words
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == ["a", "b"]


def test_words_stay_below_their_own_panel() -> None:
    generator = np.random.default_rng(0)
    labels = ["a long name of a class", "another long name"] * 10
    rows = {name: generator.standard_normal((20, 5)).astype(np.float32) for name in "xyz"}
    with figure_style():
        figure = drawn_figure(
            {name: project(one) for name, one in rows.items()},
            {name: Separation(-0.123, 1.0, 0.5) for name in rows},
            labels,
            labels[:2],
        )
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
        for axis in figure.axes:
            (words,) = axis.texts
            extent, panel = words.get_window_extent(), axis.get_window_extent()
            assert panel.x0 <= extent.x0 < extent.x1 <= panel.x1
            assert extent.y1 < axis.xaxis.label.get_window_extent().y0 + 1
            assert figure.legends[0].get_window_extent().y1 <= extent.y0
