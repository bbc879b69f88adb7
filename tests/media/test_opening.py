"""Files that name others are no films: nothing else is read, and nobody is called."""

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import av
import av.error
import pytest
from PIL import Image

import eruv
from eruv.media.damage import UnreadableVideo
from eruv.media.opening import open_media, plain_formats
from eruv.media.video import VideoSource
from films_for_tests import render_video


class Listener:
    """A server on loopback that counts who calls, and answers nothing."""

    def __init__(self) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.calls = 0
        self.thread = threading.Thread(target=self._count, daemon=True)
        self.thread.start()

    def _count(self) -> None:
        while True:
            try:
                caller, _ = self.socket.accept()
            except OSError:
                return
            self.calls += 1
            caller.close()


@pytest.fixture
def listener() -> Iterator[Listener]:
    found = Listener()
    yield found
    found.socket.close()


def playlists(secret: Path, port: int) -> dict[str, str]:
    """Texts that FFmpeg reads as films made of other files, or of what an address answers."""
    address = f"http://127.0.0.1:{port}/a.ts"
    segments = "#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\n{}\n#EXT-X-ENDLIST\n"
    dash = (
        '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" '
        'mediaPresentationDuration="PT4S" profiles="urn:mpeg:dash:profile:isoff-on-demand:2011">'
        '<Period><AdaptationSet mimeType="video/mp4"><Representation id="1" bandwidth="1000">'
        "<BaseURL>{}</BaseURL></Representation></AdaptationSet></Period></MPD>"
    )
    return {
        "hls of an address": segments.format(address),
        "hls of a file": segments.format(secret),
        "concat of a file": f"ffconcat version 1.0\nfile '{secret}'\n",
        "concat of an address": f"ffconcat version 1.0\nfile '{address}'\n",
        "dash of an address": dash.format(address),
        "dash of a file": dash.format(secret),
        "sdp": f"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=-\nc=IN IP4 127.0.0.1\nt=0 0\n"
        f"m=video {port} RTP/AVP 96\na=rtpmap:96 H264/90000\n",
    }


KINDS = list(playlists(Path("/secret"), 1))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("suffix", ["mp4", "m3u8", "ts", "mpd", "ffconcat"])
def test_a_file_that_names_others_is_refused_and_nobody_is_called(
    tmp_path: Path, listener: Listener, kind: str, suffix: str
) -> None:
    secret = render_video(tmp_path / "secret.mp4", [(1, 20)])
    path = tmp_path / f"film.{suffix}"
    path.write_text(playlists(secret, listener.port)[kind])
    with pytest.raises(UnreadableVideo, match="a playlist"), VideoSource(path) as source:
        list(source.frames())
    assert listener.calls == 0


def test_ffmpeg_by_itself_would_read_other_files(tmp_path: Path) -> None:
    """The tests above can fail: without the lists the other film is read."""
    secret = render_video(tmp_path / "secret.mp4", [(1, 20)])
    path = tmp_path / "film.mp4"
    path.write_text(f"ffconcat version 1.0\nfile '{secret.name}'\n")
    with av.open(str(path)) as container:
        assert sum(1 for _ in container.decode(video=0)) == 20


@pytest.mark.parametrize(
    "name",
    [
        "concat:a|b.mp4",
        "http:__a.mp4",
        "-i.mp4",
        "file:a.mp4",
        "img%03d.mp4",
        "pipe:0.mp4",
        "a?b#c.mp4",
    ],
)
def test_a_name_is_a_name_whatever_it_looks_like(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    render_video(tmp_path / "plain.mp4", [(1, 20)]).rename(tmp_path / name)
    monkeypatch.chdir(tmp_path)
    with open_media(Path(name)) as container:
        assert sum(1 for _ in container.decode(video=0)) == 20
    (found,) = eruv.shots(name).videos
    assert found["frames"] == 20


def test_pictures_beside_a_picture_are_no_film(tmp_path: Path) -> None:
    for number in range(5):
        Image.new("RGB", (32, 32), (40 * number, 0, 0)).save(tmp_path / f"a{number:03d}.png")
    with pytest.raises(av.error.FFmpegError):
        open_media(tmp_path / "a%03d.png")
    with open_media(tmp_path / "a000.png") as container:
        assert sum(1 for _ in container.decode(video=0)) == 1


@pytest.mark.parametrize("kind", ["jpeg", "png", "webp", "bmp"])
@pytest.mark.parametrize("suffix", ["jpg", "png", "webp", "bmp", "jpeg"])
def test_a_picture_is_read_by_its_bytes_whatever_its_name_says(
    tmp_path: Path, kind: str, suffix: str
) -> None:
    path = tmp_path / f"picture.{suffix}"
    Image.new("RGB", (32, 24), (200, 30, 60)).save(path, format=kind)
    with open_media(path) as container:
        (frame,) = container.decode(video=0)
    assert (frame.width, frame.height) == (32, 24)


def test_common_formats_are_read_and_devices_are_not() -> None:
    formats = set(plain_formats().split(","))
    assert {"mov", "matroska", "avi", "mpegts", "flv", "gif", "h264", "png_pipe"} <= formats
    assert not formats & {"hls", "concat", "dash", "sdp", "image2", "lavfi", "v4l2", "x11grab"}


def test_texts_stills_and_nothing_are_no_films(tmp_path: Path) -> None:
    picture = Image.new("RGB", (64, 48), "red")
    for name in ("a.png", "a.jpg", "a.bmp", "a.tiff", "a.webp", "a.gif", "a.ppm"):
        picture.save(tmp_path / name)
    (tmp_path / "art.ans").write_bytes(b"\x1b[31mred\x1b[0m\n" * 100)
    (tmp_path / "long.txt").write_text("Dear reader,\n" * 2000)
    (tmp_path / "empty.mp4").touch()

    def read(path: Path) -> None:
        with VideoSource(path) as source:
            list(source.frames())
            source.refuse_still()

    reasons = {}
    for path in sorted(tmp_path.iterdir()):
        with pytest.raises(UnreadableVideo) as error:
            read(path)
        reasons[path.name] = error.value.reason
    assert reasons.pop("empty.mp4") == "not a video file: it is empty"
    texts = {reasons.pop("art.ans"), reasons.pop("long.txt")}
    assert texts == {"not a video file: a text, or of a format that holds no films"}
    assert set(reasons.values()) == {"a still picture, not a film"}


def test_a_film_of_one_frame_and_a_moving_gif_are_films(tmp_path: Path) -> None:
    one = render_video(tmp_path / "one.mp4", [(1, 1)])
    pictures = [Image.new("RGB", (64, 48), colour) for colour in ("red", "blue", "green")]
    pictures[0].save(tmp_path / "a.gif", save_all=True, append_images=pictures[1:])
    counts = []
    for path in (one, tmp_path / "a.gif"):
        with VideoSource(path) as source:
            counts.append(len(list(source.frames())))
    assert counts == [1, 3]
