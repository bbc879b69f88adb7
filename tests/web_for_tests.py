"""The page asked without a browser."""

import re
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

HOST = "127.0.0.1:8340"


def client_of(library: Path | str, **more: Any) -> TestClient:
    """A client that sends what a browser on the page sends."""
    from eruv.web.app import application

    page = application(library, hosts=[HOST], device="cpu", **more)
    headers = {"origin": f"http://{HOST}", "sec-fetch-site": "same-origin"}
    return TestClient(page, base_url=f"http://{HOST}", headers=headers, follow_redirects=False)


def ids_by_name(client: TestClient) -> dict[str, str]:
    """Ids of the videos by name, as the first page links them."""
    found = re.findall(
        r'href="/video/([0-9a-f]+)"><span class="soft">([^<]*)</span>([^<]*)<', client.get("/").text
    )
    return {folder + name: video_id for video_id, folder, name in found}
