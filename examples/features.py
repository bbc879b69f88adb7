"""From videos to features in a few lines: `python examples/features.py OUT VIDEO...`."""

import sys

import eruv

result = eruv.run(sys.argv[2:], to=sys.argv[1])
encoder = eruv.load(result.run)
found = encoder.embed(sys.argv[2:])
for path, start_s, end_s, features in zip(
    found.paths, found.start_s, found.end_s, found.features, strict=True
):
    print(f"{path} {start_s:.2f}-{end_s:.2f} s: {features.shape}")
