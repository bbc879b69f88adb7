"""From videos to features in ten lines: `python examples/features.py OUT VIDEO...`."""

import sys

import eruv
from eruv.clips.reader import ClipReader
from eruv.clips.spec import ClipSpec
from eruv.library.catalogue import Library

result = eruv.run(sys.argv[2:], to=sys.argv[1])
encoder = eruv.load(result["run"])
library = Library(f"{sys.argv[1]}/library")
reader = ClipReader(
    [library.proxy_path(video_id) for video_id in library.video_ids()],
    library.settings.proxy,
    encoder.size,
)
for number, video_id in enumerate(library.video_ids()):
    clip = reader.read(ClipSpec(number, tuple(range(16)), encoder.size.centre))
    print(video_id[:12], encoder.features(clip[None]).shape)
