"""The paper's figures and the experiments that draw them."""

from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from eruv.models.backbones import BACKBONES
from eruv.reproduction.experiments import AttentionFigure, EmbeddingFigure, Experiment
from eruv.reproduction.scales import ABLATED
from eruv.reproduction.study import Study

PLACE = "ucf101"


@dataclass(frozen=True)
class Figure:
    """A figure of the paper.

    Attributes:
        name: as on the command line.
        title: for people.
        drawing: the experiment that draws it; None where its data is missing.
        notes: sentences below it.
        files: once it is drawn, a PNG among them.
    """

    name: str
    title: str
    drawing: EmbeddingFigure | AttentionFigure | None
    notes: tuple[str, ...] = ()
    files: tuple[Path, ...] = ()

    @property
    def experiments(self) -> tuple[Experiment, ...]:
        """The one that draws it, if any."""
        return (self.drawing,) if self.drawing else ()

    @property
    def data_url(self) -> str:
        """The picture itself, for a page that loads nothing."""
        picture = next(path for path in self.files if path.suffix == ".png")
        return f"data:image/png;base64,{b64encode(picture.read_bytes()).decode()}"


def figure5(study: Study) -> Figure:
    """Features of three classes by three encoders."""
    seed = study.seeds[0]
    made = (study.encoder(method, ABLATED, seed) for method in ("random", "vcop", "eruv"))
    encoders = tuple(one for one in made if one)
    drawing = None
    if encoders and PLACE in study.data:
        drawing = EmbeddingFigure(encoders, study.data[PLACE].key(), study.scale.embedded)
    return Figure(
        "fig5",
        "Figure 5: features of three classes in the plane (PCA); C3D",
        drawing,
        (f"Seed {seed}. The paper shows 300 samples of 3 classes of UCF101.",),
    )


def figure6(study: Study) -> Figure:
    """Where three networks look."""
    seed = study.seeds[0]
    made = (study.encoder("eruv", backbone, seed) for backbone in BACKBONES)
    encoders = tuple(one for one in made if one)
    drawing = None
    if encoders and PLACE in study.data:
        drawing = AttentionFigure(encoders, study.data[PLACE].key())
    return Figure(
        "fig6",
        "Figure 6: attention of conv4 and conv5, three networks pre-trained with ERUV",
        drawing,
        (f"Seed {seed}. The first test video of split 1.",),
    )


FIGURES: dict[str, Callable[[Study], Figure]] = {"fig5": figure5, "fig6": figure6}
