"""Files that people drop in: taken within limits, decoded in bounds, and gone after a while.

Covers also: clip_file.
"""

import asyncio
import http.server
import os
import struct
import threading
import time
import zlib
from collections.abc import AsyncIterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from eruv.web.bounded import Bounds, Refused
from eruv.web.uploads import Upload, Uploads
from films_for_tests import encode, pattern, render_video, yuv_frame


async def pieces(content: bytes, size: int = 1000) -> AsyncIterator[bytes]:
    for start in range(0, len(content), size):
        yield content[start : start + size]


def take(uploads: Uploads, content: bytes | Path) -> Upload:
    content = content.read_bytes() if isinstance(content, Path) else content
    return asyncio.run(uploads.take(pieces(content)))


@pytest.fixture
def uploads(tmp_path: Path) -> Uploads:
    return Uploads(tmp_path / "uploads")


def picture(path: Path, codec: str = "png", format: str = "rgb24", side: int = 96) -> Path:
    encoder = av.CodecContext.create(codec, "w")
    encoder.width, encoder.height, encoder.pix_fmt = side, side, format
    encoder.time_base = Fraction(1, 25)
    frame = yuv_frame(pattern(3, side, side)).reformat(format=format)
    frame.pts = 0
    path.write_bytes(b"".join(map(bytes, [*encoder.encode(frame), *encoder.encode(None)])))
    return path


def test_a_clip_is_written_anew(uploads: Uploads, tmp_path: Path) -> None:
    path = render_video(tmp_path / "film.avi", [(1, 50)], codec="mpeg4")
    upload = take(uploads, path)
    assert (upload.kind, upload.width, upload.height, upload.frames) == ("clip", 96, 72, 50)
    assert upload.seconds == pytest.approx(2)
    assert uploads.get(upload.id) == upload
    with av.open(str(upload.path)) as container:
        assert container.streams.video[0].codec.name == "h264"
        assert not container.streams.audio
        assert [f.time for f in container.decode(video=0)][:3] == pytest.approx([0, 0.04, 0.08])
    assert sorted(os.listdir(upload.path.parent)) == ["clip.mp4", "facts.json", "picture.png"]


@pytest.mark.parametrize(
    ("codec", "format"),
    [("png", "rgb24"), ("png", "rgba"), ("mjpeg", "yuvj420p"), ("bmp", "bgr24")],
)
def test_a_picture_is_written_anew(
    uploads: Uploads, tmp_path: Path, codec: str, format: str
) -> None:
    upload = take(uploads, picture(tmp_path / "picture", codec, format))
    assert (upload.kind, upload.width, upload.height, upload.frames) == ("picture", 96, 96, 1)
    assert upload.path == upload.picture
    with av.open(str(upload.path)) as container:
        found = next(container.decode(video=0)).to_ndarray(format="gray").astype(int)
    expected = yuv_frame(pattern(3, 96, 96)).to_ndarray(format="gray").astype(int)
    assert np.abs(found - expected).mean() < 4
    assert sorted(os.listdir(upload.path.parent)) == ["facts.json", "picture.png"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "The file is empty."),
        (b"no film at all", "cannot be decoded"),
        (b"\x00" * 5000, "cannot be decoded"),
        (b"\x89PNG\r\n\x1a\n" + b"\xff" * 500, "cannot be decoded"),
        (b"%PDF-1.7 ...", "cannot be decoded"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "cannot be decoded"),
    ],
)
def test_what_is_no_film_is_refused_with_a_sentence(
    uploads: Uploads, content: bytes, words: str
) -> None:
    with pytest.raises(Refused, match=words) as caught:
        take(uploads, content)
    assert str(uploads.folder) not in str(caught.value)
    assert str(caught.value).endswith(".")
    assert os.listdir(uploads.folder) == []


def test_the_limit_of_bytes_holds_while_they_come(tmp_path: Path) -> None:
    uploads = Uploads(tmp_path / "uploads", most_bytes=2_000_000)
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while True:
            sent += 100_000
            yield b"x" * 100_000

    with pytest.raises(Refused, match="larger than 2 MB"):
        asyncio.run(uploads.take(endless()))
    assert sent == 2_100_000
    assert os.listdir(uploads.folder) == []


def test_a_long_clip_is_refused_also_if_it_does_not_say_how_long_it_is(tmp_path: Path) -> None:
    uploads = Uploads(tmp_path / "uploads", most_s=2)
    path = render_video(tmp_path / "film.mp4", [(1, 100)])
    with pytest.raises(Refused, match=r"It lasts 4 seconds or more; .* at most 2"):
        take(uploads, path)
    stream = render_video(tmp_path / "film.h264", [(1, 100)])
    with pytest.raises(Refused, match="or more"):
        take(uploads, stream)
    assert os.listdir(uploads.folder) == []


def test_enormous_pictures_are_refused(uploads: Uploads) -> None:
    # 20,000×20,000 pixels in the header of a PNG file of a few bytes.
    def chunk(kind: bytes, data: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + check

    header = struct.pack(">IIBBBBB", 20_000, 20_000, 8, 2, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header)
    bomb += chunk(b"IDAT", zlib.compress(b"\x00" * 100_000)) + chunk(b"IEND", b"")
    with pytest.raises(Refused, match=r"20000×20000 pixels|cannot be decoded"):
        take(uploads, bomb)


def test_a_playlist_reads_no_file_and_asks_no_server(uploads: Uploads, tmp_path: Path) -> None:
    secret = render_video(tmp_path / "secret.ts", [(1, 50)], codec="mpeg2video", options={})
    asked: list[str] = []

    class Server(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(secret.read_bytes())

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Server)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}/film.ts"
    head = "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-MEDIA-SEQUENCE:0\n"
    sdp = "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\n"
    sdp += f"m=video {server.server_port} RTP/AVP 96\n"
    dash = (
        "<?xml version='1.0'?><MPD xmlns='urn:mpeg:dash:schema:mpd:2011' type='static'>"
        f"<Period><AdaptationSet><Representation id='1' bandwidth='1'><BaseURL>{address}</BaseURL>"
        "</Representation></AdaptationSet></Period></MPD>"
    )
    try:
        for text in (
            f"{head}#EXTINF:2,\n{address}\n#EXT-X-ENDLIST\n",
            f"{head}#EXTINF:2,\n{secret}\n#EXT-X-ENDLIST\n",
            f"{head}#EXTINF:2,\nfile://{secret}\n#EXT-X-ENDLIST\n",
            f"{head}#EXTINF:2,\nconcat:{secret}|{address}\n#EXT-X-ENDLIST\n",
            f"ffconcat version 1.0\nfile '{secret}'\n",
            f"ffconcat version 1.0\nfile '{address}'\n",
            sdp,
            dash,
            f"RTSPtextRTSP://127.0.0.1:{server.server_port}/",
        ):
            with pytest.raises(Refused):
                take(uploads, text.encode())
    finally:
        server.shutdown()
    assert asked == []
    assert os.listdir(uploads.folder) == []


def test_a_decoder_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    uploads = Uploads(tmp_path / "uploads", bounds=Bounds(wall_s=0.5))
    path = render_video(tmp_path / "film.avi", [(1, 400)], size=(640, 480), codec="mpeg4")
    with pytest.raises(Refused, match="more than"):
        take(uploads, path)
    assert os.listdir(uploads.folder) == []
    assert not uploads._children


def test_whoever_leaves_leaves_nothing(uploads: Uploads) -> None:
    class Gone(Exception):
        pass

    async def broken() -> AsyncIterator[bytes]:
        yield b"x" * 1000
        raise Gone

    with pytest.raises(Gone):
        asyncio.run(uploads.take(broken()))
    assert os.listdir(uploads.folder) == []


def test_more_than_two_at_once_are_asked_to_wait(uploads: Uploads) -> None:
    async def all_at_once() -> list[object]:
        holding = asyncio.Event()

        async def slow() -> AsyncIterator[bytes]:
            yield b"no film"
            await holding.wait()

        waiting = [asyncio.create_task(uploads.take(slow())) for _ in range(2)]
        await asyncio.sleep(0.2)
        with pytest.raises(Refused, match="Try again"):
            await uploads.take(pieces(b"no film"))
        holding.set()
        return await asyncio.gather(*waiting, return_exceptions=True)

    assert all(isinstance(one, Refused) for one in asyncio.run(all_at_once()))
    with pytest.raises(Refused, match="decoded"):
        take(uploads, b"no film")  # there is room again


def test_uploads_are_removed_by_age_and_number(tmp_path: Path) -> None:
    content = picture(tmp_path / "picture").read_bytes()
    uploads = Uploads(tmp_path / "uploads", most_kept=2, kept_s=100)
    first = take(uploads, content)
    os.utime(uploads.folder / first.id, (time.time() - 50, time.time() - 50))
    second, third = take(uploads, content), take(uploads, content)
    assert uploads.get(first.id) is not None
    uploads.sweep()
    assert uploads.get(first.id) is None
    assert {one.name for one in uploads.folder.iterdir()} == {second.id, third.id}
    os.utime(uploads.folder / second.id, (time.time() - 101, time.time() - 101))
    assert uploads.get(second.id) is None
    again = Uploads(tmp_path / "uploads", kept_s=100)
    assert {one.name for one in again.folder.iterdir()} == {third.id}
    assert again.get(third.id) == third


@pytest.mark.parametrize(
    "upload_id",
    ["", "..", "../secret", "x" * 22, "a/b", "\0", "é" * 22, "." * 22, "x" * 21 + "\n", "x" * 5000],
)
def test_odd_ids_name_nothing(uploads: Uploads, upload_id: str) -> None:
    (uploads.folder.parent / "secret").mkdir()
    assert uploads.get(upload_id) is None


def test_ids_cannot_be_guessed(uploads: Uploads, tmp_path: Path) -> None:
    content = picture(tmp_path / "picture").read_bytes()
    ids = {take(uploads, content).id for _ in range(3)}
    assert len(ids) == 3
    assert all(len(one) == 22 for one in ids)  # 128 bits


def test_damaged_facts_are_no_upload(uploads: Uploads, tmp_path: Path) -> None:
    upload = take(uploads, picture(tmp_path / "picture"))
    for text in ("", "[]", "{}", '{"kind": 1}', "\xff"):
        (uploads.folder / upload.id / "facts.json").write_text(text, encoding="latin-1")
        assert uploads.get(upload.id) is None


def test_a_clip_is_as_long_as_it_says_whatever_its_clock(uploads: Uploads, tmp_path: Path) -> None:
    frames = [yuv_frame(pattern(1, 72, 96)) for _ in range(25)]
    pts = [25 * 100 + n for n in range(25)]
    upload = take(uploads, encode(tmp_path / "late.ts", frames, codec="mpeg2video", pts=pts))
    assert upload.seconds == pytest.approx(1, abs=0.05)


def test_a_folder_that_was_removed_is_made_again(uploads: Uploads, tmp_path: Path) -> None:
    uploads.folder.rmdir()
    assert take(uploads, picture(tmp_path / "picture")).path.exists()
