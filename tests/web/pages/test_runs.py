"""Runs beside the library: listed, with their curves, also while they are trained or damaged."""

import fcntl
import shutil
from pathlib import Path

from starlette.testclient import TestClient

from web_for_tests import client_of


def test_the_run_that_embedded_has_curves(client: TestClient) -> None:
    text = client.get("/runs").text
    assert 'href="/runs/run"' in text
    assert "used for search" in text
    page = client.get("/runs/run")
    assert page.status_code == 200
    assert "<h3>Loss</h3>" in page.text
    assert "finished" in page.text
    assert "hx-trigger" not in page.text


def test_others_are_not_found(client: TestClient) -> None:
    for name in ("library", "nowhere", "%2e%2e", "run%20"):
        assert client.get(f"/runs/{name}").status_code in (400, 404)


def test_a_run_that_is_trained_now_is_asked_again(
    embedded: tuple[Path, Path], tmp_path: Path
) -> None:
    shutil.copytree(embedded[0], tmp_path / "library")
    run = tmp_path / "a <b> run"
    shutil.copytree(embedded[1], run)
    (run / "done.json").unlink()
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "run.json").write_text("{")
    client = client_of(tmp_path / "library")
    with (run / ".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        text = client.get("/runs").text
        assert "a &lt;b&gt; run" in text
        assert "training now" in text
        assert 'hx-trigger="every 5s"' in client.get("/runs/a%20%3Cb%3E%20run").text
    assert client.get("/runs").text.count("stopped early") == 1
    assert client.get("/runs/broken").status_code == 404
    assert str(tmp_path) not in client.get("/runs/broken").text


def test_without_runs_the_page_says_what_to_do(bare: TestClient) -> None:
    assert "eruv pretrain" in bare.get("/runs").text
