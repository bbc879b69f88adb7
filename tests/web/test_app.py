"""The page as a whole: headers of every answer, problems, static files; and what it is made of.

Covers also: finder, parts, pins, shelf, timebars.
"""

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from eruv.library.catalogue import Library
from eruv.utils.errors import EruvError
from eruv.web.parts import address, clock, seconds_of, without_folders
from eruv.web.pins import Pin, Pins
from eruv.web.shelf import Shelf, VideoRow
from eruv.web.timebars import key_shots, timebar
from films_for_tests import SmallLibrary

PAGES = ("/", "/search", "/pins", "/nowhere", "/search?q=film0.mp4")


@pytest.mark.parametrize("path", PAGES)
def test_every_page_allows_no_inline_code_and_needs_none(client: TestClient, path: str) -> None:
    answer = client.get(path)
    policy = answer.headers["content-security-policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    for inline in (" style=", "<style", " onclick=", " onerror=", "javascript:", " hx-on"):
        assert inline not in answer.text.lower()
    assert "<script>" not in answer.text
    assert "http://" not in answer.text.replace("http://www.w3.org", "")
    assert "https://" not in answer.text


def test_nothing_is_fetched_from_outside(client: TestClient) -> None:
    folder = Path(__file__).parents[2] / "src" / "eruv" / "web" / "static"
    for path in folder.iterdir():
        assert client.get(f"/static/{path.name}").status_code == 200
        if path.suffix in (".css", ".js") and "htmx" not in path.name:
            assert "//" not in path.read_text().replace("// ", "").replace("http://www.w3.org", "")


def test_a_problem_is_a_page(client: TestClient) -> None:
    answer = client.get("/nowhere")
    assert answer.status_code == 404
    assert "Back to the library" in answer.text
    assert client.get("/static/../app.py").status_code in (400, 404)


def test_an_encoder_that_is_not_there_is_told_at_once(
    embedded: tuple[Path, Path], tmp_path: Path
) -> None:
    from web_for_tests import client_of

    with pytest.raises(EruvError):
        client_of(embedded[0], run=tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("12.5", 12.5), ("1:02.5", 62.5), ("1:00:01", 3601.0), (" 3 ", 3.0), ("0:00", 0.0)],
)
def test_seconds_as_people_write_them(text: str, seconds: float) -> None:
    assert seconds_of(text) == seconds


@pytest.mark.parametrize("text", ["", "x", "-1", "nan", "1e5", "1:2:3:4", "1.", ".5", "1,5"])
def test_other_text_is_no_seconds(text: str) -> None:
    assert seconds_of(text) is None


def test_clock_rounds_before_it_carries() -> None:
    assert clock(59.96) == "1:00.0"
    assert clock(3599.99) == "1:00:00.0"
    assert clock(5.04, 2) == "0:05.04"
    assert clock(65, 0) == "1:05"


def test_an_address_leaves_out_what_is_not_given() -> None:
    assert (
        address("/a", from_=1.5, to=None, other=False, name="x y&z") == "/a?from=1.5&name=x+y%26z"
    )


def test_sentences_lose_the_folders_of_the_machine() -> None:
    text = "the library /home/me/films/lib has none; see '/etc/x/y.txt' and runs/run-1 at 1/2."
    cleaned = without_folders(text, Path("/home/me/films/lib"))
    assert cleaned == "the library lib has none; see 'y.txt' and runs/run-1 at 1/2."


def video(shots: list[tuple[float, float]]) -> VideoRow:
    return VideoRow("a", "b/c.mp4", 4, 3, 1.0, 11.0, 250, 2, shots, frames_of(shots), False)


def frames_of(shots: list[tuple[float, float]]) -> list[tuple[int, int]]:
    return [(round(25 * (start - 1)), round(25 * (end - 1))) for start, end in shots]


def test_a_bar_has_every_shot_in_one_of_two_paths() -> None:
    found = timebar(video([(1.0, 3.0), (3.0, 6.0), (8.0, 11.0)]))
    assert found.even == "M0.0 0H200.0V1H0.0zM700.0 0H1000.0V1H700.0z"
    assert found.odd == "M200.0 0H500.0V1H200.0z"
    assert found.ticks[0] == (0.0, 1.0)


@pytest.mark.parametrize(
    ("seconds", "frame"), [(1.0, 0), (1.039, 0), (1.04, 1), (2.999, 49), (3.0, 50), (7.0, 124)]
)
def test_a_second_shows_the_frame_that_began_last(seconds: float, frame: int) -> None:
    assert video([(1.0, 3.0), (3.0, 6.0), (8.0, 11.0)]).frame_at(seconds) == frame


def test_key_shots_are_spread_over_all() -> None:
    many = video([(1.0, 2.0)] * 100)
    assert key_shots(many, 4) == [0, 33, 66, 99]
    assert key_shots(video([(1.0, 2.0)] * 3), 4) == [0, 1, 2]


def test_shelf_names_are_natural_and_relative(small_library: SmallLibrary) -> None:
    shelf = Shelf(Library(small_library.folder))
    names = shelf.now()
    assert [names.names[one] for one in names.order] == [f"film{n}.mp4" for n in range(5)]
    assert [row.name for row in shelf.rows(names.order[::-1])] == [
        f"film{n}.mp4" for n in reversed(range(5))
    ]
    row = shelf.row(names.order[2])
    assert row is not None
    assert sum(row.shots, ()) == pytest.approx((0, 3.6, 3.6, 6.0, 6.0, 9.2))
    assert [row.shot_at(seconds) for seconds in (0, 3.5, 3.6, 99)] == [0, 0, 1, 2]
    assert shelf.id_of("film2.mp4") == names.order[2]
    assert shelf.id_of("film") is None


def test_pins_survive_and_damage_is_told(tmp_path: Path) -> None:
    pins = Pins(tmp_path)
    pins.add(Pin("ab", 1.0, 2.0))
    pins.add(Pin("ab", 1.0, 2.0004))  # the same to the millisecond
    assert Pins(tmp_path).all() == [Pin("ab", 1.0, 2.0)]
    pins.path.write_text("{")
    assert pins.keys() == set()
    with pytest.raises(EruvError, match=r"pins\.json is damaged"):
        pins.all()
