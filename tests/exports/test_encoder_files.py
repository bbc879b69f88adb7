"""Exported encoders give the encoder's features, without eruv."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from eruv.exports import encoder_files
from eruv.exports.encoder_files import export_encoder
from eruv.models.encoder import Encoder
from eruv.utils.errors import EruvError


def encoder(backbone: str, input: str) -> Encoder:
    """With batch norm that does something."""
    torch.manual_seed(0)
    made = Encoder(backbone, 0.03, 48, 64, 32, input=input).eval()
    for module in made.modules():
        if isinstance(module, torch.nn.BatchNorm3d):
            module.running_mean.normal_(0, 0.1)
            module.running_var.uniform_(0.5, 2)
    return made


@pytest.mark.parametrize(
    ("backbone", "input"), [("c3d", "residual"), ("r3d", "rgb"), ("r2plus1d", "residual")]
)
def test_onnx_gives_the_features_of_the_encoder(backbone: str, input: str, tmp_path: Path) -> None:
    import onnxruntime

    original = encoder(backbone, input)
    written = export_encoder(original, tmp_path / "encoder.onnx", {"crop": 32})
    assert written.difference < 1e-5
    session = onnxruntime.InferenceSession(written.path)
    assert json.loads(session.get_modelmeta().custom_metadata_map["eruv"]) == {"crop": 32}
    for count in (1, 5):  # any number of clips
        clips = np.random.default_rng(count).integers(0, 256, (count, 16, 32, 32, 3), np.uint8)
        (features,) = session.run(["features"], {"clips": clips})
        np.testing.assert_allclose(features, original.features(clips), atol=1e-5)
        assert np.ptp(features) > 0.01
    assert [path.name for path in tmp_path.iterdir()] == ["encoder.onnx"]


ALONE = """
import sys
sys.modules["eruv"] = None  # importing it fails
import numpy as np, torch
extra = {"eruv.json": ""}
network = torch.export.load(sys.argv[1], extra_files=extra).module()
clips = np.load(sys.argv[2])
np.save(sys.argv[3], network(torch.from_numpy(clips)).detach().numpy())
print(extra["eruv.json"])
"""


def test_a_torch_program_runs_where_eruv_is_not_installed(tmp_path: Path) -> None:
    original = encoder("r3d", "residual")
    written = export_encoder(original, tmp_path / "encoder.pt2", {"crop": 32})
    clips = np.random.default_rng(1).integers(0, 256, (4, 16, 32, 32, 3), np.uint8)
    np.save(tmp_path / "clips.npy", clips)
    places = [written.path, tmp_path / "clips.npy", tmp_path / "features.npy"]
    done = subprocess.run(
        [sys.executable, "-c", ALONE, *map(str, places)], capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == {"crop": 32}
    np.testing.assert_allclose(np.load(places[2]), original.features(clips), atol=1e-6)


def test_a_file_with_other_features_is_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, run = encoder_files.FORMATS[".pt2"]

    def shifted(path: Path):
        right = run(path)
        return lambda clips: right(clips) + 0.01

    monkeypatch.setitem(encoder_files.FORMATS, ".pt2", (write, shifted))
    with pytest.raises(EruvError, match=r"differ by 3\.3e-02"):
        export_encoder(encoder("r3d", "rgb"), tmp_path / "encoder.pt2", {})
    assert not list(tmp_path.iterdir())
