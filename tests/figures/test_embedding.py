"""Fig. 5: which clips are shown, what their features are, and that the figure tells it."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from matplotlib.backends.backend_agg import FigureCanvasAgg

from eruv.clips.spec import ClipSize
from eruv.datasets.labelled_videos import LabelledVideo, LabelledVideos
from eruv.evaluation.features import clip_starts
from eruv.figures.drawing import figure_look
from eruv.figures.embedding import (
    chosen_classes,
    chosen_samples,
    clip_features,
    drawn_figure,
    embedding_figure,
)
from eruv.figures.projection import project
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
    samples = chosen_samples(videos, ["a", "c"], 40, seed=0)
    of_a = [one for one in samples if one.stretch.label == "a"]
    of_c = [one for one in samples if one.stretch.label == "c"]
    assert (len(of_a), len(of_c)) == (40, 40)
    for part, count in ((of_a, 7), (of_c, 14)):
        assert len({one.stretch for one in part[:count]}) == count
        numbers = [clip_starts(20)[5], clip_starts(20)[4], clip_starts(20)[6]]
        long = [one for one in part if one.stretch == part[0].stretch]
        if long[0].stretch.end - long[0].stretch.start == 20:
            assert [one.start for one in long[:3]] == numbers[: len(long)]
    assert samples == chosen_samples(videos, ["a", "c"], 40, seed=0)
    assert samples != chosen_samples(videos, ["a", "c"], 40, seed=1)
    assert len(chosen_samples(videos, ["a"], 1000, seed=0)) == 70  # ten clips of seven videos


def test_classes_are_drawn_by_seed_or_named_and_in_the_order_of_the_data_set(
    videos: LabelledVideos,
) -> None:
    drawn = {tuple(chosen_classes(videos, None, seed)) for seed in range(20)}
    assert all(len(one) == 3 and list(one) == sorted(one) for one in drawn)
    assert len(drawn) > 1
    assert chosen_classes(videos, ["d", "a"], 0) == ["a", "d"]
    with pytest.raises(EruvError, match="stretches has no videos of e; it has a, b, c, d"):
        chosen_classes(videos, ["a", "e"], 0)
    with pytest.raises(EruvError, match="shows 2 to 8 classes; got a"):
        chosen_classes(videos, ["a"], 0)


def test_features_are_the_average_of_the_last_maps(videos: LabelledVideos) -> None:
    samples = chosen_samples(videos, ["a", "b"], 9, seed=0)
    network = encoder()
    found = clip_features(network, videos, samples, "random", "cpu")
    assert found.shape == (18, network.num_features)
    reader = videos.reader(SIZE)
    short = next(n for n, one in enumerate(samples) if one.stretch.end - one.stretch.start == 9)
    for number in (0, 8, short):
        sample = samples[number]
        length = sample.stretch.end - sample.stretch.start
        frames = [sample.stretch.start + (sample.start + step) % length for step in range(16)]
        spec = replace(samples[0].spec(network), video=sample.stretch.video, frames=tuple(frames))
        maps = network.forward_features(torch.from_numpy(reader.read(spec))[None])
        expected = maps.detach()[0].flatten(1).mean(dim=1)
        np.testing.assert_allclose(found[number], expected, rtol=1e-4, atol=1e-6)
    reader.close()


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
    with figure_look():
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
