"""Attention of a moment: one picture of five frames and two stages.

Covers also: web/attention.
"""

import io
from contextlib import closing

import av
import numpy as np
import pytest
from starlette.testclient import TestClient

from eruv.library.catalogue import Library
from eruv.media.proxy import ProxyReader
from eruv.models.encoder import Encoder
from eruv.utils.errors import EruvError
from eruv.web.attention import attention_sheet
from eruv.web.shelf import Shelf
from films_for_tests import SmallLibrary
from web_for_tests import ids_by_name

HEIGHT, WIDTH = 128, 171


def test_a_moment_has_a_picture(client: TestClient) -> None:
    address = f"/attention/{ids_by_name(client)['film0.mp4']}"
    page = client.get(f"{address}?from=0.4&to=1.6")
    assert page.status_code == 200
    assert f"{address}/picture?from=0.4&amp;to=1.6" in page.text
    answer = client.get(f"{address}/picture?from=0.4&to=1.6")
    assert answer.headers["content-type"] == "image/jpeg"
    assert client.get("/attention/nowhere").status_code == 404


def test_its_first_row_are_frames_of_the_part(small_library: SmallLibrary) -> None:
    library = Library(small_library.folder)
    shelf = Shelf(library)
    row = shelf.row(shelf.now().order[0])
    assert row is not None
    encoder = Encoder("r3d", 0.02, 32, 43, 32).eval()
    sheet = attention_sheet(library, encoder, row, 1.0, 3.0)
    with av.open(io.BytesIO(sheet)) as file:
        picture = next(file.decode(video=0)).to_ndarray(format="rgb24")
    assert picture.shape == (2 * (3 * HEIGHT + 2 * 4), 2 * (3 * WIDTH + 2 * 4), 3)
    # From second 1 on are frames 25 to 75: the middles of three clips are 33, 49 and 65.
    with closing(ProxyReader(library.proxy_path(row.video_id), library.settings.proxy)) as reader:
        frames = reader.read([33, 49, 65])
    for column, frame in enumerate(frames):
        left = 2 * column * (WIDTH + 4)
        shown = picture[: 2 * HEIGHT : 2, left : left + 2 * WIDTH : 2]
        assert np.abs(shown.astype(int) - frame).mean() < 6


def test_without_vectors_there_is_no_encoder_to_look_with(bare: TestClient) -> None:
    answer = bare.get(f"/attention/{ids_by_name(bare)['film0.mp4']}/picture")
    assert answer.status_code == 409
    assert "no vectors" in answer.text


def test_an_encoder_without_stages_is_told(small_library: SmallLibrary) -> None:
    library = Library(small_library.folder)
    shelf = Shelf(library)
    row = shelf.row(shelf.now().order[0])
    with pytest.raises(EruvError, match="no stages"):
        attention_sheet(library, object(), row, 0.0, 1.0)
