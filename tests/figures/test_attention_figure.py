"""Fig. 6 and its film: whole files, right sizes, the same bytes, and the picture in its place.

Covers also: attention, attention_film, drawing.
"""

import json
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
import torch
from matplotlib.backends.backend_agg import FigureCanvasAgg

import eruv
from eruv.clips.spec import ClipSize
from eruv.figures.attention import attention, titles_of
from eruv.figures.attention_figure import TimeSpan, attention_figure, drawn_figure
from eruv.figures.attention_maps import AttentionFrame, ShownFrame
from eruv.figures.drawing import COLOURS, figure_style, overlaid, text_picture
from eruv.models.encoder import Encoder
from eruv.utils.errors import EruvError

SIZE = ClipSize(32, 43, 32)


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory, render_video: Callable[..., Path]) -> Path:
    return render_video(tmp_path_factory.mktemp("film") / "a$b^2.mp4", [(1, 40), (2, 30)])


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Folders of three untrained encoders, one of each backbone."""
    folder = tmp_path_factory.mktemp("runs")
    torch.manual_seed(0)
    for name in ("c3d", "r3d", "r2plus1d"):
        Encoder(name, 0.03, SIZE.height, SIZE.width, SIZE.crop).save_pretrained(folder / name)
    return [folder / "c3d", folder / "r3d", folder / "r2plus1d"]


def frames_of(path: Path) -> list[np.ndarray]:
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


def test_the_command_draws_all_runs_side_by_side(
    runs: list[Path], video: Path, tmp_path: Path
) -> None:
    result = attention(runs, video, tmp_path / "new", device="cpu")
    assert [one.title for one in result.encoders] == ["C3D", "R3D", "R(2+1)D"]
    assert json.dumps(result.to_dict())
    names = [f"a$b^2.attention.{kind}" for kind in ("mp4", "png", "svg")]
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == names
    assert [path.name for path in result.files] == names
    svg = (tmp_path / "new" / names[2]).read_text()
    assert svg.count("<image ") == 4 * 7 + 1  # four rows of seven pictures, the bar of colours
    assert 'href="http' not in svg


def test_the_film_has_every_frame_at_its_time_with_the_source_beside(
    runs: list[Path], video: Path, tmp_path: Path
) -> None:
    attention(runs[:2], video, tmp_path, device="cpu")
    film = tmp_path / "a$b^2.attention.mp4"
    with av.open(str(film)) as container:
        stream = container.streams.video[0]
        assert stream.codec_context.name == "h264"
        shown = [(frame.time, frame.to_ndarray(format="rgb24")) for frame in container.decode()]
    assert [time for time, _ in shown] == pytest.approx(np.arange(70) / 25, abs=1e-4)
    height, width = 2 * (18 + 128 + 2), 3 * (171 + 2)
    assert {picture.shape for _, picture in shown} == {(height, width + width % 2, 3)}
    for number in (0, 39, 40, 69):
        picture = shown[number][1].astype(float)
        source = av.VideoFrame.from_ndarray(frames_of(video)[number], format="rgb24")
        expected = source.reformat(171, 128).to_ndarray(format="rgb24").astype(float)
        for top in (18, 18 + 148):
            part = picture[top : top + 128, :171]
            assert np.abs(part - expected).mean() < 6
        # Outside of the crop the picture is grey and dark.
        edge = picture[18:146, 173:190]
        assert np.abs(edge - edge.mean(axis=2, keepdims=True)).mean() < 4
        assert edge.mean() < 0.6 * expected[:, :17].mean()


def test_equal_input_gives_equal_bytes(runs: list[Path], video: Path, tmp_path: Path) -> None:
    for folder in ("one", "two"):
        attention(runs[1:2], video, tmp_path / folder, end_s=1.0, device="cpu")
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes(), path.name


def test_a_part_of_the_video_without_the_film(
    runs: list[Path], video: Path, tmp_path: Path
) -> None:
    encoders = {"R3D": eruv.load(runs[1])}
    written = attention_figure(
        encoders, video, tmp_path, name="part", span=TimeSpan(0.5, 0.9), film=False
    )
    assert written == [tmp_path / "part.png", tmp_path / "part.svg"]
    assert sorted(tmp_path.iterdir()) == sorted(written)
    with pytest.raises(EruvError, match="has no frame from second 60 on"):
        attention_figure(encoders, video, tmp_path / "none", span=TimeSpan(60))
    assert list((tmp_path / "none").iterdir()) == []


def test_rows_are_frames_and_columns_are_stages_of_encoders(runs: list[Path]) -> None:
    encoders = {name: eruv.load(run) for name, run in zip("ab", runs[:2], strict=True)}
    picture = np.full((128, 171, 3), 90, np.uint8)
    heats = {(name, stage): np.zeros((112, 112), np.float32) for name in "ab" for stage in (4, 5)}
    heats["b", 4] += 1
    boxes = {key: np.resize(heat, (128, 127)) for key, heat in heats.items()}
    frames = [AttentionFrame(ShownFrame(8, 0.32, picture), boxes)] * 2
    figure = drawn_figure(frames, encoders, (4, 5))
    grid = figure.axes[:10]
    assert [axis.get_title() for axis in grid[:5]] == ["frame", "a", "b", "a", "b"]
    assert [axis.get_ylabel() for axis in grid[::5]] == ["0.3 s", "0.3 s"]
    drawn = [np.asarray(axis.images[0].get_array()) for axis in grid[:5]]
    np.testing.assert_array_equal(drawn[0], picture)
    glowing = [int(np.ptp(array[64, 85].astype(int))) for array in drawn[1:]]
    assert glowing[1] > 50 > max(glowing[0], glowing[2], glowing[3])


@pytest.mark.parametrize("titles", [["C3D"], ["a run of a long name (R(2+1)D)", "R3D", "C3D"]])
def test_words_of_the_figure_fit_above_and_below_the_pictures(titles: list[str]) -> None:
    encoders = {title: Encoder("r3d", 0.02).eval() for title in titles}
    picture = np.zeros((128, 171, 3), np.uint8)
    heats = {
        (title, stage): np.zeros((112, 112), np.float32) for title in titles for stage in (4, 5)
    }
    frame = AttentionFrame(ShownFrame(8, 1234.5, picture), heats)
    with figure_style():
        figure = drawn_figure([frame, frame], encoders, (4, 5))
        FigureCanvasAgg(figure).draw()
        grid = figure.axes[: 2 * (1 + 2 * len(titles))]
        for axis in grid[: len(grid) // 2]:
            extent, panel = axis.title.get_window_extent(), axis.get_window_extent()
            assert extent.width <= 1.02 * panel.width
        for text in figure.texts:
            extent = text.get_window_extent()
            assert figure.bbox.x0 <= extent.x0 < extent.x1 <= figure.bbox.x1
            assert figure.bbox.y0 <= extent.y0 < extent.y1 <= figure.bbox.y1
        assert all(axis.yaxis.label.get_window_extent().x0 >= 0 for axis in grid)


def test_an_overlay_glows_within_its_box_and_darkens_the_rest() -> None:
    picture = np.full((20, 30, 3), (200, 100, 0), np.uint8)
    heat = np.zeros((8, 10), np.float32)
    heat[0, 0] = 1
    found = overlaid(picture, heat, (4, 6, 8, 10))
    grey = 0.299 * 200 + 0.587 * 100
    assert found.shape == picture.shape
    assert found[0, 0].tolist() == [round(0.35 * grey)] * 3
    np.testing.assert_allclose(found[4, 6], 0.2 * grey + 0.8 * COLOURS[255], atol=1)
    np.testing.assert_allclose(found[11, 15], 0.75 * grey + 0.25 * COLOURS[0], atol=1)
    assert found[12, 15].tolist() == found[0, 0].tolist()
    assert picture[4, 6].tolist() == [200, 100, 0]


def test_words_fit_and_are_taken_as_they_are() -> None:
    for words in ("C3D, conv4", "a run of a very, very long name (R(2+1)D), conv5", r"$\frac{1$"):
        picture = text_picture(words, 18, 171)
        assert picture.shape == (18, 171, 3)
        light = picture.mean(axis=2) > 60
        assert light.any()
        assert not light[:, [0, -1]].any()


def test_titles_tell_encoders_apart(runs: list[Path], tmp_path: Path) -> None:
    c3d, r3d = eruv.load(runs[0]), eruv.load(runs[1])
    assert titles_of([Path("x"), Path("y")], [c3d, r3d]) == ["C3D", "R3D"]
    assert titles_of([Path("x"), Path("y")], [c3d, c3d]) == ["x (C3D)", "y (C3D)"]
    same = titles_of([Path("a/x"), Path("b/x")], [c3d, c3d])
    assert same == ["1 x (C3D)", "2 x (C3D)"]


def test_wrong_words_are_one_sentence(runs: list[Path], video: Path, tmp_path: Path) -> None:
    with pytest.raises(EruvError, match=r"is not a file\. Pass runs first and the video last"):
        attention([video], runs[0], tmp_path)
    with pytest.raises(EruvError, match="no run was named"):
        attention([], video, tmp_path)
    with pytest.raises(EruvError, match="`start_s` must be at least 0 and before `end_s`"):
        attention(runs, video, tmp_path, start_s=2, end_s=1)
    with pytest.raises(EruvError, match="holds no encoder"):
        attention([tmp_path], video, tmp_path)
    (tmp_path / "text.mp4").write_text("no video")
    with pytest.raises(EruvError, match=r"text\.mp4 cannot be read: not a video file"):
        attention(runs[:1], tmp_path / "text.mp4", tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []
