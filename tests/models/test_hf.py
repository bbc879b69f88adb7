"""Models of `transformers` as encoders: what they say of pixels that their own processor made.

Covers also: clip_encoder.
"""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

import eruv
from eruv.library.catalogue import Library
from eruv.models.clip_encoder import encoder_digest, open_encoder, seen_from, seen_here
from eruv.models.hf import HfEncoder
from eruv.moments.searcher import Searcher
from eruv.moments.table import VectorTable
from eruv.utils.errors import EruvError
from films_for_tests import SmallLibrary
from hf_for_tests import tiny_model

pytest.importorskip("transformers", reason="transformers is an extra: pip install 'eruv[hf]'")
NEEDS_TORCHVISION = pytest.mark.skipif(
    importlib.util.find_spec("torchvision") is None,
    reason="the processor of V-JEPA 2 needs torchvision, built for this torch",
)
KINDS = ["videomae", "timesformer", "xclip", "clip", "siglip"]
VECTORS = {"videomae": 32, "timesformer": 32, "vjepa2": 32, "xclip": 32, "clip": 24, "siglip": 32}


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("models")
    return {kind: tiny_model(kind, folder / kind) for kind in KINDS}


def some_clips() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 255, (3, 16, 128, 128, 3)).astype(np.uint8)


@pytest.mark.parametrize("kind", KINDS)
def test_vectors_are_those_of_the_model_itself(models: dict[str, Path], kind: str) -> None:
    import torch
    import transformers

    encoder, clips = HfEncoder(str(models[kind])), some_clips()
    found = encoder.features(clips)
    assert found.shape == (3, VECTORS[kind])
    assert encoder.num_features == VECTORS[kind]
    model = transformers.AutoModel.from_pretrained(models[kind]).eval()
    if kind in ("clip", "siglip"):
        processor = transformers.AutoProcessor.from_pretrained(models[kind])
        pixels = processor(images=list(clips[:, 8]), return_tensors="pt")
        with torch.no_grad():
            expected = model.get_image_features(**pixels)
        expected = getattr(expected, "pooler_output", expected)
    else:
        frames = {"videomae": 16, "timesformer": 8, "xclip": 4}[kind]
        places = np.linspace(0, 15, frames).round().astype(int)
        processor = transformers.VideoMAEImageProcessor.from_pretrained(models[kind])
        pixels = processor([list(clip[places]) for clip in clips], return_tensors="pt")
        with torch.no_grad():
            if kind == "xclip":
                expected = model.get_video_features(**pixels)
                expected = getattr(expected, "pooler_output", expected)
            else:
                tokens = model(**pixels).last_hidden_state
                expected = tokens.mean(dim=1) if kind == "videomae" else tokens[:, 0]
    np.testing.assert_allclose(found, expected.numpy(), atol=1e-5)


@NEEDS_TORCHVISION
def test_v_jepa_2_sees_clips(tmp_path: Path) -> None:
    import torch
    import transformers

    folder, clips = tiny_model("vjepa2", tmp_path), some_clips()
    found = HfEncoder(str(folder)).features(clips)
    model = transformers.AutoModel.from_pretrained(folder).eval()
    processor = transformers.AutoVideoProcessor.from_pretrained(folder)
    places = np.linspace(0, 15, 8).round().astype(int)
    pixels = processor([clip[places] for clip in clips], return_tensors="pt")
    with torch.no_grad():
        tokens = model(**pixels, skip_predictor=True).last_hidden_state
    np.testing.assert_allclose(found, tokens.mean(dim=1).numpy(), atol=1e-5)


@pytest.mark.parametrize("kind", ["clip", "siglip", "xclip"])
def test_words_lie_among_the_clips(models: dict[str, Path], kind: str) -> None:
    encoder = HfEncoder(str(models[kind]))
    found = encoder.text_features(["a dog jumps", "a cat", "a dog jumps"])
    assert found.shape == (3, VECTORS[kind])
    np.testing.assert_allclose(found[0], found[2], atol=1e-6)
    assert np.abs(found[0] - found[1]).max() > 1e-4


def test_a_library_is_embedded_and_searched_by_words(
    small_library: SmallLibrary, models: dict[str, Path], tmp_path: Path
) -> None:
    import shutil

    library = tmp_path / "library"
    shutil.copytree(small_library.folder, library)
    done = eruv.embed(library, run=f"hf:{models['clip']}", every_s=1.0, device="cpu")
    assert done.new_windows == done.windows > 0
    found = eruv.search(library, text="a dog jumps", k=3)
    assert len(found.moments) == 3
    assert not any(one.same_footage for one in found.moments)
    searcher = Searcher(library)
    assert searcher.supports_text
    words = HfEncoder(str(models["clip"])).text_features(["a dog jumps"])[0]
    rows = VectorTable.of_library(Library(library)).table.to_arrow()
    cosines = np.stack(rows["vector"].to_numpy()) @ (words / np.linalg.norm(words))
    assert found.moments[0].similarity == pytest.approx(cosines.max(), abs=1e-5)
    outside = eruv.search(library, f"{small_library.truth[0].path}@0-1", device="cpu")
    assert outside.moments[0].same_footage
    with pytest.raises(EruvError, match="needs either a query"):
        eruv.search(library)
    with pytest.raises(EruvError, match="`text` must be a few words; got none"):
        eruv.search(library, text=" ")


def test_an_encoder_of_pictures_says_that_it_knows_no_words(
    embedded: tuple[Path, Path], models: dict[str, Path]
) -> None:
    with pytest.raises(EruvError, match="does not support text queries"):
        eruv.search(embedded[0], text="a dog")
    assert not Searcher(embedded[0]).supports_text
    with pytest.raises(EruvError, match="does not support text queries"):
        HfEncoder(str(models["videomae"])).text_features(["a dog"])


def test_pictures_keep_their_shape(models: dict[str, Path]) -> None:
    encoder = HfEncoder(str(models["clip"]))
    assert (encoder.size_for(1920, 1080).height, encoder.size_for(1920, 1080).width) == (128, 228)
    assert (encoder.size_for(1080, 1920).height, encoder.size_for(1080, 1920).width) == (228, 128)
    assert encoder.size_for(640, 480).crop == 128


def test_what_is_no_model_here_is_told(tmp_path: Path, models: dict[str, Path]) -> None:
    with pytest.raises(EruvError, match="neither a folder with a model nor one in the hub's cache"):
        open_encoder("hf:somebody/nothing-of-this-name")
    (tmp_path / "config.json").write_text('{"model_type": "bert"}')
    with pytest.raises(EruvError, match="is a model of type bert; eruv takes videomae"):
        open_encoder(f"hf:{tmp_path}")
    with pytest.raises(EruvError, match="holds no weights"):
        encoder_digest(f"hf:{tmp_path}")
    one, other = (encoder_digest(f"hf:{models[kind]}") for kind in ("clip", "siglip"))
    assert one != other


def test_places_are_seen_from_the_library_and_ids_stay(tmp_path: Path) -> None:
    (tmp_path / "runs" / "a").mkdir(parents=True)
    library = tmp_path / "library"
    library.mkdir()
    for run in (str(tmp_path / "runs" / "a"), f"hf:{tmp_path / 'runs' / 'a'}", "hf:some/model"):
        assert seen_here(seen_from(run, library), library) == run
    assert seen_from(tmp_path / "runs" / "a", library) == "../runs/a"
