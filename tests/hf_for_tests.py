"""Tiny random models of `transformers`, made from their own configurations: nothing is fetched."""

from pathlib import Path
from typing import Any

SIDE = 32
SMALL = {
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 64,
}
EYE = {"image_size": SIDE, "patch_size": 8, **SMALL}
WORDS = ("<start>", "<end>", "a", "dog", "jumps", "cat", "water")
READ = {
    "vocab_size": len(WORDS),
    "max_position_embeddings": 12,
    "bos_token_id": 0,
    "eos_token_id": 1,
    "pad_token_id": 1,
    **SMALL,
}


def tiny_model(kind: str, folder: Path) -> Path:
    """Save a model of a kind, with its processor."""
    import torch
    import transformers

    torch.manual_seed(0)
    model, processor = _parts(transformers, kind)
    model.save_pretrained(folder)
    processor.save_pretrained(folder)
    return folder


def _parts(transformers: Any, kind: str) -> tuple[Any, Any]:
    square = {"height": SIDE, "width": SIDE}
    cropped = {"size": {"shortest_edge": SIDE}, "crop_size": square}
    if kind == "videomae":
        config = transformers.VideoMAEConfig(num_frames=16, tubelet_size=2, **EYE)
        model = transformers.VideoMAEModel(config)
        return model, transformers.VideoMAEImageProcessor(**cropped)
    if kind == "timesformer":
        model = transformers.TimesformerModel(transformers.TimesformerConfig(num_frames=8, **EYE))
        return model, transformers.VideoMAEImageProcessor(**cropped)
    if kind == "vjepa2":
        inner = {f"pred_{key}": value for key, value in SMALL.items() if "inter" not in key}
        plain = {key: value for key, value in SMALL.items() if "inter" not in key}
        config = transformers.VJEPA2Config(
            patch_size=16, crop_size=SIDE, frames_per_clip=8, mlp_ratio=2, **plain, **inner
        )
        return transformers.VJEPA2Model(config), transformers.VJEPA2VideoProcessor(**cropped)
    if kind == "clip":
        config = transformers.CLIPConfig(text_config=READ, vision_config=EYE, projection_dim=24)
        seeing = transformers.CLIPImageProcessor(**cropped)
        return transformers.CLIPModel(config), transformers.CLIPProcessor(seeing, _tokenizer())
    if kind == "siglip":
        text = {**READ, "projection_size": 32}
        config = transformers.SiglipConfig(text_config=text, vision_config=EYE)
        seeing = transformers.SiglipImageProcessor(size=square)
        return transformers.SiglipModel(config), transformers.SiglipProcessor(seeing, _tokenizer())
    mit = {
        "mit_hidden_size": 32,
        "mit_num_attention_heads": 2,
        "mit_num_hidden_layers": 1,
        "mit_intermediate_size": 64,
    }
    config = transformers.XCLIPConfig(
        text_config=READ,
        vision_config={"num_frames": 4, **mit, **EYE},
        projection_dim=32,
        prompt_num_attention_heads=2,
        prompt_layers=1,
    )
    seeing = transformers.VideoMAEImageProcessor(**cropped)
    return transformers.XCLIPModel(config), transformers.XCLIPProcessor(seeing, _tokenizer())


def _tokenizer() -> Any:
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    level = models.WordLevel({word: n for n, word in enumerate(WORDS)}, unk_token=WORDS[1])
    tokenizer = Tokenizer(level)
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    ends = {"bos_token": WORDS[0], "eos_token": WORDS[1]}
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token=WORDS[1], unk_token=WORDS[1], **ends
    )
