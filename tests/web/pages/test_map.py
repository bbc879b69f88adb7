"""The map: points within the library, clusters as cards, and libraries that have none.

Covers also: web/overview.
"""

from starlette.testclient import TestClient

from web_for_tests import ids_by_name


def test_the_page_comes_before_the_map(client: TestClient) -> None:
    text = client.get("/map").text
    assert 'hx-get="/map/whole"' in text
    assert "canvas" not in text


def test_every_point_is_a_moment_of_a_video(client: TestClient) -> None:
    found = client.get("/map/points").json()
    assert {name: video_id for video_id, name in found["videos"]} == ids_by_name(client)
    assert len(found["points"]) > 20
    for x, y, cluster, video, start_s, end_s in found["points"]:
        assert 0 <= x <= 1
        assert 0 <= y <= 1
        assert cluster >= 0
        assert 0 <= start_s < end_s < 12
        assert 0 <= video < 5


def test_clusters_are_shown_by_their_moments(client: TestClient) -> None:
    text = client.get("/map/whole").text
    assert 'id="map"' in text
    assert "Cluster 1" in text
    assert 'class="card"' in text
    assert "/library/" not in text


def test_without_vectors_there_is_no_map(bare: TestClient) -> None:
    assert "eruv embed" in bare.get("/map").text
    assert bare.get("/map/points").json() == {"videos": [], "points": []}
    assert bare.get("/map/whole").status_code == 200
