"""Keys: equal settings are one run, and any other setting is another."""

import re
from dataclasses import fields, replace

import pytest

from eruv.clips.spec import ClipSize
from eruv.pretext.relation_settings import RelationSettings
from eruv.reproduction.experiments import DataKey, FinetuningRun, PretrainingRun, RetrievalTest
from eruv.training.augmentation import AugmentationSettings
from eruv.training.base_config import OptimizerSettings
from eruv.training.finetune_config import FinetuneConfig
from eruv.training.pretrain_config import PretrainConfig, ValidationSettings
from eruv.training.schedule import ScheduleSettings
from eruv.training.start import FREE_SETTINGS

DATA = DataKey("untrimmed", 1, "abc")
BASE = PretrainingRun("eruv", DATA, PretrainConfig())

PRETRAIN_CHANGES = {
    "detector": "hog-fixed",
    "pretext": "vcop",
    "backbone": "r3d",
    "width": 0.5,
    "batch_norm": "per_clip",
    "task": RelationSettings(relations=("C_S", "C_D")),
    "trimmed": True,
    "size": ClipSize(48, 64, 40),
    "batch_size": 9,
    "epochs": 2,
    "pairs": 7,
    "optimizer": OptimizerSettings(learning_rate=0.02),
    "schedule": ScheduleSettings(patience=3),
    "precision": "bf16",
    "input": "residual",
    "augmentation": AugmentationSettings(flip=True),
    "least_pairs": 5,
    "most_pairs": 500,
    "validation": ValidationSettings(keep="loss"),
    "seed": 1,
}
FINETUNE_CHANGES = {
    "backbone": "r3d",
    "width": 0.5,
    "size": ClipSize(48, 64, 40),
    "batch_size": 9,
    "epochs": 2,
    "steps": 7,
    "held_out": 0,
    "labels_per_class": 3,
    "validate_steps": 5,
    "batch_norm_batches": 2,
    "optimizer": OptimizerSettings(learning_rate=0.02),
    "schedule": ScheduleSettings(patience=3),
    "precision": "bf16",
    "input": "residual",
    "seed": 1,
}


@pytest.mark.parametrize(
    ("config", "changes"),
    [(PretrainConfig, PRETRAIN_CHANGES), (FinetuneConfig, FINETUNE_CHANGES)],
)
def test_every_setting_is_tried(config, changes):
    assert {field.name for field in fields(config)} == set(changes) | set(FREE_SETTINGS)


@pytest.mark.parametrize("name", PRETRAIN_CHANGES)
def test_the_key_of_a_pretraining_changes_with_every_setting(name):
    changed = replace(BASE.config, **{name: PRETRAIN_CHANGES[name]})
    assert replace(BASE, config=changed).key != BASE.key


@pytest.mark.parametrize("name", FINETUNE_CHANGES)
def test_the_key_of_a_finetuning_changes_with_every_setting(name):
    base = FinetuningRun(None, DATA, FinetuneConfig())
    changed = replace(base.config, **{name: FINETUNE_CHANGES[name]})
    assert replace(base, config=changed).key != base.key


@pytest.mark.parametrize(
    "changes", [{"head": "comparison"}, {"all_pairs": 0.5}, {"contrast": 0.5}, {"gradual": 9}]
)
def test_the_key_of_a_pretraining_changes_with_settings_of_its_task(changes):
    changed = replace(BASE.config, task=RelationSettings(**changes))
    assert replace(BASE, config=changed).key != BASE.key


def test_settings_of_speed_alone_leave_the_key_as_it_is():
    quick = replace(BASE.config, threads=7, loader_workers=3, checkpoint_interval_s=1.0)
    assert replace(BASE, config=quick).key == BASE.key


def test_method_and_data_belong_to_the_key():
    others = [
        replace(BASE, method="random"),
        replace(BASE, data=replace(DATA, name="trimmed")),
        replace(BASE, data=replace(DATA, split=2)),
        replace(BASE, data=replace(DATA, fingerprint="abd")),
    ]
    assert len({one.key for one in (BASE, *others)}) == 5


def test_what_an_encoder_was_trained_with_belongs_to_the_keys_of_what_is_done_with_it():
    other = replace(BASE, config=replace(BASE.config, pairs=9))
    labelled = DataKey("ucf101", 1, "x")
    for one, two in (
        (RetrievalTest(BASE, labelled), RetrievalTest(other, labelled)),
        (
            FinetuningRun(BASE, labelled, FinetuneConfig()),
            FinetuningRun(other, labelled, FinetuneConfig()),
        ),
    ):
        assert one.key != two.key


def test_keys_are_names_of_folders_that_can_be_read():
    few = replace(BASE.config, task=RelationSettings(relations=("C_S", "P_D")))
    for experiment in (BASE, replace(BASE, config=few), RetrievalTest(BASE, DataKey("hmdb51", 2))):
        assert re.fullmatch(r"[a-z0-9-]{1,120}", experiment.key)
    assert replace(BASE, config=few).key.startswith("eruv-c-s-p-d-c3d-untrimmed-seed-0-")
