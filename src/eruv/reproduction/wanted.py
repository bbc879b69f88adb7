"""What a table of the paper wants: for each cell a published figure, and what to measure for it."""

from dataclasses import dataclass

from eruv.reproduction.experiments import Experiment


@dataclass(frozen=True)
class WantedCell:
    """What refills a cell.

    Attributes:
        published: in per cent, as printed; None where the paper has no such figure.
        seeds: for each seed, the experiments whose mean is its value (the splits of a data set).
        metric: where the figure is in their results, as a path of names.
    """

    published: float | None = None
    seeds: tuple[tuple[Experiment, ...], ...] = ()
    metric: tuple[str, ...] = ()


@dataclass(frozen=True)
class WantedRow:
    """A row: a title, and a cell for each column of its table.

    Attributes:
        beyond: a later work, which stands beside ours under other protocols.
    """

    title: str
    cells: tuple[WantedCell, ...]
    beyond: bool = False


@dataclass(frozen=True)
class WantedTable:
    """A table of the paper, to be filled.

    Attributes:
        name: as on the command line.
        title: for people.
        columns: titles, without that of the rows.
        rows: see there.
        notes: sentences below it.
    """

    name: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[WantedRow, ...]
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if any(len(row.cells) != len(self.columns) for row in self.rows):
            raise ValueError(f"every row of {self.name} has {len(self.columns)} cells")

    @property
    def published(self) -> bool:
        """Whether the paper has any figure of it."""
        return any(cell.published is not None for row in self.rows for cell in row.cells)

    @property
    def experiments(self) -> tuple[Experiment, ...]:
        """All that its cells are filled from; some may stand there more than once."""
        return tuple(
            one
            for row in self.rows
            for cell in row.cells
            for of_seed in cell.seeds
            for one in of_seed
        )
