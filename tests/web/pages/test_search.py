"""Results: by a range of the library without decoding, by name, with filters, and in vain."""

import re
import shutil
from pathlib import Path

import pytest
from starlette.testclient import TestClient

import eruv
from eruv.models.encoder import Encoder
from films_for_tests import SmallLibrary
from hf_for_tests import tiny_model
from web_for_tests import client_of, ids_by_name


def found(text: str) -> list[tuple[str, float, float]]:
    """Video, start and end of every card."""
    cards = re.findall(
        r'class="card" data-video="([^"]+)" data-from="([^"]+)" data-to="([^"]+)"', text
    )
    return [(video_id, float(start), float(end)) for video_id, start, end in cards]


def test_a_range_of_the_library_is_found_without_the_encoder(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*words: object) -> None:
        raise AssertionError("the encoder was asked")

    monkeypatch.setattr(Encoder, "features", refuse)
    own = ids_by_name(client)["film2.mp4"]
    answer = client.get("/search", params={"video": own, "from": "1", "to": "2.5"})
    assert answer.status_code == 200
    moments = found(answer.text)
    assert moments
    assert not [one for one in moments if one[0] == own and one[1] < 2.5 and one[2] > 1]
    assert 'value="film2.mp4@1-2.5"' in answer.text


def test_what_is_typed_gives_what_a_link_gives(client: TestClient) -> None:
    own = ids_by_name(client)["film2.mp4"]
    linked = client.get("/search", params={"video": own, "from": "1", "to": "2.5"})
    for typed in ("film2.mp4@1-2.5", f"{own}@1-2.5", "film2.mp4@0:01-0:02.5"):
        assert found(client.get("/search", params={"q": typed}).text) == found(linked.text)
    assert found(client.get("/search", params={"q": "film2.mp4"}).text)


def test_filters_hold(client: TestClient) -> None:
    own = ids_by_name(client)["film2.mp4"]
    asked = {"video": own, "from": "1", "to": "2.5"}

    def with_filter(**more: str) -> list[tuple[str, float, float]]:
        return found(client.get("/search", params=asked | more).text)

    everything = with_filter()
    assert own in {one[0] for one in everything}
    assert own not in {one[0] for one in with_filter(other="1")}
    film1 = ids_by_name(client)["film1.mp4"]
    assert {one[0] for one in with_filter(paths="film1")} == {film1}
    assert {one[0] for one in with_filter(paths="film1.*")} == {film1}
    assert all(one[1] >= 2 for one in with_filter(after="2"))
    assert all(one[2] <= 3 for one in with_filter(before="0:03"))
    lengths = sorted(end - start for _, start, end in everything)
    middle = lengths[len(lengths) // 2]
    assert all(
        end - start >= middle - 1e-3 for _, start, end in with_filter(shortest=f"{middle:.3f}")
    )
    assert with_filter(longest=f"{middle:.3f}")
    assert all(
        end - start <= middle + 1e-3 for _, start, end in with_filter(longest=f"{middle:.3f}")
    )


@pytest.mark.parametrize(
    "filters", [{"paths": "nowhere"}, {"after": "9", "before": "3"}, {"longest": "0.01"}]
)
def test_filters_that_nothing_passes_are_told(client: TestClient, filters: dict[str, str]) -> None:
    answer = client.get("/search", params={"q": "film2.mp4@1-2"} | filters)
    assert answer.status_code == 200
    assert not found(answer.text)
    assert re.search("That did not work|No results", answer.text)


def test_a_name_that_no_video_has_leads_to_those_like_it(client: TestClient) -> None:
    text = client.get("/search", params={"q": "film@1-2"}).text
    assert "No video is called “film”" in text
    assert "film4.mp4" in text
    hostile = client.get("/search", params={"q": "<script>/etc/passwd@1-2"}).text
    assert "<script>/etc" not in hostile


@pytest.mark.parametrize("q", ["film2.mp4@5-2", "@", "a" * 5000, "film2.mp4@500-600", "~", "\x01"])
def test_odd_words_are_answered(client: TestClient, q: str) -> None:
    assert client.get("/search", params={"q": q}).status_code == 200


def test_without_vectors_the_page_says_so(bare: TestClient) -> None:
    text = bare.get("/search", params={"q": "film2.mp4@1-2"}).text
    assert "no vectors" in text


def test_more_moments_on_demand(client: TestClient) -> None:
    few = client.get("/search", params={"q": "film2.mp4@1-2", "k": "2"}).text
    assert len(found(few)) == 2
    (more,) = re.findall(r'href="(/search[^"]*)">show more', few)
    assert found(client.get(more.replace("&amp;", "&")).text)[:2] == found(few)


def test_words_are_looked_for_where_the_encoder_knows_them(
    small_library: SmallLibrary, tmp_path: Path
) -> None:
    shutil.copytree(small_library.folder, tmp_path / "library")
    model = tiny_model("clip", tmp_path / "model")
    eruv.embed(tmp_path / "library", run=f"hf:{model}", every_s=1.0, device="cpu", workers=0)
    client = client_of(tmp_path / "library")
    page = client.get("/search", params={"q": "a dog <jumps>"})
    assert found(page.text)
    assert "“a dog &lt;jumps&gt;”" in page.text
    only = client.get("/search", params={"q": "a dog", "paths": "film1"})
    assert {one[0] for one in found(only.text)} == {ids_by_name(client)["film1.mp4"]}
    # The name of a video stays one.
    assert "film2.mp4" in client.get("/search", params={"q": "film2.mp4"}).text
    attention = client.get(f"/attention/{ids_by_name(client)['film1.mp4']}/picture")
    assert attention.status_code == 409


def test_without_words_it_is_told(client: TestClient) -> None:
    assert "does not support text queries" in client.get("/search", params={"q": "a dog"}).text
