"""A training goes on as it was started, or says what differs."""

from pathlib import Path

import pytest

from eruv.training.base_config import OptimizerSettings
from eruv.training.pretrain_config import PretrainConfig
from eruv.training.run_folder import RunFolder
from eruv.training.start import refuse_other_settings, write_start
from eruv.utils.errors import EruvError


def test_what_differs_is_told_in_order_with_which_value_the_run_has(tmp_path: Path) -> None:
    run, started = RunFolder(tmp_path), PretrainConfig(width=1.0)
    write_start(run, "pretrain", started, started, None, 1, tmp_path / "library", {})
    now = PretrainConfig(width=2.0, optimizer=OptimizerSettings("adamw", 0.02, 0.8, 0.1))
    with pytest.raises(EruvError) as error:
        refuse_other_settings(run, "pretrain", now, None, 1, "cpu", {})
    told = str(error.value)
    assert "width is 1.0 in the run, 2.0 here" in told
    assert (
        "optimizer.learning_rate is 0.01 in the run, 0.02 here, "
        "optimizer.momentum is 0.9 in the run, 0.8 here, "
        "optimizer.name is sgd in the run, adamw here, "
        "optimizer.weight_decay is 0.0005 in the run, 0.1 here"
    ) in told
