"""An export opened by Label Studio: a server, a project, and its labelling page in Chromium."""

import hashlib
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Rows = dict[str, list[list[Any]]]
MAIL, PASSWORD = "somebody@example.com", "a long pass phrase"
PLAYS_S = 10  # at most, from the drawing of the timeline
DRAWN = """() => {
    const store = window.Htx && window.Htx.annotationStore, one = store && store.selected
    const video = document.querySelector("video"), tag = one && one.names.get("video")
    if (!tag || !one.regions.length) return null
    return {ranges: one.regions.map(region => region.serialize().value.ranges[0]),
            rate: Number(tag.framerate), plays: !!video && video.readyState > 1}
}"""


def label_studio_rows(export: Path, work: Path) -> Rows:
    """Predictions of a project on a server, the same submitted and exported, and as drawn.

    Frames are those of the timeline; with them comes the rate that it has.
    """
    from label_studio_sdk.label_interface import LabelInterface

    config = (export / "config.xml").read_text()
    tasks = json.loads((export / "tasks.json").read_text())
    interface = LabelInterface(config)
    interface.validate()
    refused = [
        e
        for task in tasks
        for one in task["predictions"]
        for e in interface.validate_prediction(one, return_errors=True)
    ]
    if refused:
        raise ValueError(f"predictions do not fit the configuration: {refused[:3]}")
    folders = {
        str(Path(one).parent) for one in json.loads((export / "data.json").read_text()).values()
    }
    with _label_studio(work) as (address, call):
        call("/api/projects/validate", {"label_config": config})
        project = call("/api/projects", {"title": "shots", "label_config": config})["id"]
        for folder in sorted(folders):
            call("/api/storages/localfiles", {"project": project, "path": folder})
        call(f"/api/projects/{project}/import", tasks)
        there = call(f"/api/tasks?project={project}&fields=all&page_size=10000")["tasks"]
        found: Rows = {"shots": [], "annotated": [], "drawn": []}
        ids = {}
        for task in there:
            served = call(task["data"]["video"], raw=True)
            ids[task["id"]] = (
                hashlib.sha256(served).hexdigest(),
                task["data"]["frames_per_second"],
            )
            (prediction,) = task["predictions"]
            found["shots"] += _regions(prediction["result"], *ids[task["id"]])
            call(f"/api/tasks/{task['id']}/annotations", {"result": prediction["result"]})
        for task in call(f"/api/projects/{project}/export?exportType=JSON"):
            (annotation,) = task["annotations"]
            found["annotated"] += _regions(annotation["result"], *ids[task["id"]])
        found["drawn"] = _drawn(address, project, {task: one[0] for task, one in ids.items()})
    return found


def _regions(result: list[dict[str, Any]], video_id: str, rate: float) -> list[list[Any]]:
    ranges = [one["value"]["ranges"][0] for one in result]
    return [[video_id, one["start"] - 1, one["end"], rate] for one in ranges]


def _drawn(address: str, project: int, video_ids: dict[int, str]) -> list[list[Any]]:
    """What the timeline of the labelling page shows of the videos that Chromium plays."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        return []
    from playwright.sync_api import sync_playwright

    rows: list[list[Any]] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page()
        page.goto(f"{address}/user/login/")
        page.fill("input[name=email]", MAIL)
        page.fill("input[name=password]", PASSWORD)
        page.click("button[type=submit]")
        page.wait_for_url(lambda url: "login" not in url)
        for task, video_id in video_ids.items():
            page.goto(f"{address}/projects/{project}/data?task={task}")
            shown = page.wait_for_function(DRAWN, timeout=60_000).json_value()
            until = time.monotonic() + PLAYS_S
            while not shown["plays"] and time.monotonic() < until:
                time.sleep(0.5)
                shown = page.evaluate(DRAWN) or shown
            if shown["plays"]:
                rows += [
                    [video_id, one["start"] - 1, one["end"], shown["rate"]]
                    for one in shown["ranges"]
                ]
        browser.close()
    return rows


@contextmanager
def _label_studio(work: Path) -> Iterator[tuple[str, Callable[..., Any]]]:
    """A server on loopback with an empty database, and what calls it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    token, address = secrets.token_hex(20), f"http://127.0.0.1:{port}"
    shutil.rmtree(work / "data", ignore_errors=True)
    settings = {"LOCAL_FILES_SERVING_ENABLED": "true", "LOCAL_FILES_DOCUMENT_ROOT": "/"}
    quiet = {"COLLECT_ANALYTICS": "false", "SENTRY_DSN": "", "FRONTEND_SENTRY_DSN": ""}
    command = [
        str(Path(sys.executable).with_name("label-studio")), "start", "--no-browser",
        "--internal-host", "127.0.0.1", "--port", str(port), "--data-dir", str(work / "data"),
        "--username", MAIL, "--password", PASSWORD, "--user-token", token,
        "--enable-legacy-api-token", "--log-level", "WARNING",
    ]  # fmt: skip

    def call(path: str, content: Any = None, raw: bool = False) -> Any:
        request = urllib.request.Request(
            address + path,
            None if content is None else json.dumps(content).encode(),
            {"Authorization": f"Token {token}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request) as answer:
            body = answer.read()
        return body if raw else json.loads(body or b"null")

    with (work / "server.log").open("wb") as log:
        server = subprocess.Popen(
            command, env=os.environ | settings | quiet, cwd=work, stdout=log, stderr=log
        )
        try:
            _wait_for(call, server, work / "server.log")
            yield address, call
        finally:
            server.terminate()
            server.wait()


def _wait_for(call: Callable[..., Any], server: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(600):
        if server.poll() is not None:
            break
        try:
            call("/api/projects")
        except (urllib.error.URLError, ConnectionError):
            time.sleep(1)
        else:
            return
    raise RuntimeError(f"Label Studio does not answer: {log.read_text()[-500:]}")
