"""Pictures and films of the library's videos, and of nothing else."""

import io

import av
import pytest
from starlette.testclient import TestClient

from films_for_tests import SmallLibrary
from web_for_tests import ids_by_name


def test_a_still_is_a_picture_of_that_height(client: TestClient) -> None:
    video_id = ids_by_name(client)["film0.mp4"]
    answer = client.get(f"/still/{video_id}", params={"at": "1.5", "height": "60"})
    assert answer.headers["content-type"] == "image/jpeg"
    assert "immutable" in answer.headers["cache-control"]
    with av.open(io.BytesIO(answer.content)) as file:
        picture = next(file.decode(video=0))
    assert (picture.width, picture.height) == (86, 64)  # of the heights that are made


def test_a_film_is_sent_as_it_is_and_in_parts(
    client: TestClient, small_library: SmallLibrary
) -> None:
    video_id = ids_by_name(client)["film0.mp4"]
    whole = small_library.truth[0].path.read_bytes()
    answer = client.get(f"/media/{video_id}")
    assert answer.content == whole
    assert answer.headers["content-type"] == "video/mp4"
    part = client.get(f"/media/{video_id}", headers={"range": "bytes=100-199"})
    assert part.status_code == 206
    assert part.content == whole[100:200]


@pytest.mark.parametrize("kind", ["still", "media"])
@pytest.mark.parametrize("name", ["0" * 64, "film0.mp4", "x"])
def test_others_are_not_there(client: TestClient, kind: str, name: str) -> None:
    assert client.get(f"/{kind}/{name}").status_code == 404


def test_a_second_beyond_the_end_has_the_last_picture_or_none(client: TestClient) -> None:
    video_id = ids_by_name(client)["film0.mp4"]
    assert client.get(f"/still/{video_id}?at=99999").status_code in (200, 404)
    assert client.get(f"/still/{video_id}?at=x").status_code == 400
