"""What the tests of evaluation share: a small run whose held-out video is alone."""

from pathlib import Path

import pytest

from eruv.library.catalogue import Library
from eruv.training.pretrain_config import ValidationSettings
from eruv.training.run_folder import RunFolder
from films_for_tests import SmallLibrary
from training_for_tests import tiny, train


@pytest.fixture(scope="session")
def lonely_run(small_library: SmallLibrary, tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """One video is held out, so that C_D is impossible there; tests may measure it anew."""
    (held_out,) = (
        row["video_id"]
        for row in Library(small_library.folder).videos()
        if row["num_frames"] == small_library.truth[0].num_frames
    )
    validation = ValidationSettings(held_out_ids=(held_out,), pairs_per_relation=1)
    config = tiny(pairs=2, validation=validation)
    folder: Path = tmp_path_factory.mktemp("lonely") / "run"
    return train(small_library.folder, folder, config)
