"""Features of your own clips with a trained encoder: `python examples/features.py RUN VIDEO`."""

import sys
from pathlib import Path

import numpy as np
import torch

import eruv
from eruv.media.orientation import orientation_of_frame
from eruv.media.video import VideoSource

run, video = sys.argv[1:3]
encoder = eruv.load(run)
size = encoder.size
frames = []
with VideoSource(Path(video)) as source:
    for frame in source.frames():
        picture = frame.picture.reformat(size.width, size.height, "rgb24").to_ndarray()
        frames.append(picture)
        if len(frames) == 16:
            break
row, column = size.centre
clip = np.stack(frames)[:, row : row + size.crop, column : column + size.crop]
with torch.no_grad():
    features = encoder(torch.from_numpy(clip)[None])  # (1, num_features)
print(features.shape, features.norm().item())
