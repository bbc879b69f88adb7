"""A stand-in for the Hugging Face hub on loopback: a model can be pushed to it and fetched."""

import base64
import hashlib
import json
from dataclasses import dataclass, field

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route


@dataclass
class Hub:
    """Repositories by id, with their files by path.

    Attributes:
        requests: method and path of each that came.
    """

    files: dict[str, dict[str, bytes]] = field(default_factory=dict)
    objects: dict[str, bytes] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)

    def app(self) -> Starlette:
        model = "/api/models/{owner}/{name}"
        return Starlette(
            routes=[
                Route("/api/repos/create", self.create, methods=["POST"]),
                Route("/api/validate-yaml", self.validate, methods=["POST"]),
                Route(model, self.info),
                Route(model + "/revision/{revision}", self.info),
                Route(model + "/tree/{revision}", self.tree),
                Route(model + "/preupload/{revision}", self.preupload, methods=["POST"]),
                Route(model + "/commit/{revision}", self.commit, methods=["POST"]),
                Route("/{owner}/{name}.git/info/lfs/objects/batch", self.batch, methods=["POST"]),
                Route("/objects/{digest}", self.upload, methods=["PUT"]),
                Route("/{owner}/{name}/resolve/{revision}/{path:path}", self.resolve),
            ]
        )

    def _note(self, request: Request) -> str:
        self.requests.append(f"{request.method} {request.url.path}")
        return f"{request.path_params.get('owner')}/{request.path_params.get('name')}"

    async def create(self, request: Request) -> Response:
        self._note(request)
        if request.headers.get("authorization") != "Bearer hf_good":
            return JSONResponse({"error": "Invalid credentials"}, 401)
        asked = await request.json()
        repository = f"{asked['organization']}/{asked['name']}"
        self.files.setdefault(repository, {})
        return JSONResponse({"url": f"{request.base_url}{repository}"})

    async def validate(self, request: Request) -> Response:
        return JSONResponse({"errors": [], "warnings": []})

    async def info(self, request: Request) -> Response:
        repository = self._note(request)
        if repository not in self.files:
            missing = {"X-Error-Code": "RepoNotFound", "X-Error-Message": "Repository not found"}
            return JSONResponse({"error": "Repository not found"}, 404, headers=missing)
        siblings = [{"rfilename": path} for path in self.files[repository]]
        return JSONResponse({"id": repository, "sha": self.sha(repository), "siblings": siblings})

    async def tree(self, request: Request) -> Response:
        files = self.files[self._note(request)]
        entries = [
            {
                "type": "file",
                "path": path,
                "size": len(content),
                "oid": hashlib.sha1(content).hexdigest(),
            }
            for path, content in files.items()
        ]
        return JSONResponse(entries)

    def sha(self, repository: str) -> str:
        content = b"".join(path.encode() + one for path, one in self.files[repository].items())
        return hashlib.sha1(content).hexdigest()

    async def preupload(self, request: Request) -> Response:
        self._note(request)
        files = [
            {
                "path": one["path"],
                "uploadMode": "lfs" if one["path"].endswith(".safetensors") else "regular",
                "shouldIgnore": False,
            }
            for one in (await request.json())["files"]
        ]
        return JSONResponse({"files": files})

    async def batch(self, request: Request) -> Response:
        self._note(request)
        objects = [
            one | {"actions": {"upload": {"href": f"{request.base_url}objects/{one['oid']}"}}}
            for one in (await request.json())["objects"]
        ]
        return JSONResponse({"transfer": "basic", "objects": objects})

    async def upload(self, request: Request) -> Response:
        content = await request.body()
        assert hashlib.sha256(content).hexdigest() == request.path_params["digest"]
        self.objects[request.path_params["digest"]] = content
        return Response()

    async def commit(self, request: Request) -> Response:
        repository = self._note(request)
        for line in (await request.body()).splitlines():
            entry = json.loads(line)
            value = entry["value"]
            if entry["key"] == "file":
                self.files[repository][value["path"]] = base64.b64decode(value["content"])
            elif entry["key"] == "lfsFile":
                self.files[repository][value["path"]] = self.objects[value["oid"]]
        sha = self.sha(repository)
        url = f"{request.base_url}{repository}/commit/{sha}"
        return JSONResponse({"commitUrl": url, "commitOid": sha, "success": True})

    async def resolve(self, request: Request) -> Response:
        repository = self._note(request)
        content = self.files[repository][request.path_params["path"]]
        headers = {
            "ETag": f'"{hashlib.sha256(content).hexdigest()}"',
            "X-Repo-Commit": self.sha(repository),
        }
        return Response(content, headers=headers)
