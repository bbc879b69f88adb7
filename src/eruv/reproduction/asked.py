"""What was asked for of the paper: tables, figures, and the runs behind them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

from eruv.reproduction.behind import run_record, scarcities
from eruv.reproduction.carry_out import Workplace
from eruv.reproduction.experiments import Experiment
from eruv.reproduction.factory import Factory
from eruv.reproduction.figures import FIGURES, WantedFigure
from eruv.reproduction.plan import PlannedRun, needed, plan_of
from eruv.reproduction.rates import Rates
from eruv.reproduction.results import FilledTable, fill
from eruv.reproduction.tables import TABLES
from eruv.reproduction.wanted import WantedTable
from eruv.reproduction.workload import workload_of
from eruv.reproduction.writing import Figure

NAMES = (*TABLES, *FIGURES)


@dataclass(frozen=True)
class Asked:
    """Tables and figures of one call.

    Attributes:
        wanted_tables, wanted_figures: to be filled and drawn.
        factory: that they are made from.
        place: where runs are.
    """

    wanted_tables: tuple[WantedTable, ...]
    wanted_figures: tuple[WantedFigure, ...]
    factory: Factory
    place: Workplace

    @classmethod
    def of(cls, names: Sequence[str], factory: Factory, place: Workplace) -> Self:
        """Tables and figures by name, without tables that have neither data nor published rows."""
        made = (make(factory) for name, make in TABLES.items() if name in names)
        tables = tuple(table for table in made if table.experiments or table.published)
        figures = tuple(make(factory) for name, make in FIGURES.items() if name in names)
        return cls(tables, figures, factory, place)

    @property
    def experiments(self) -> list[Experiment]:
        """All that is needed, each once and in order."""
        return needed(one for part in self._parts for one in part.experiments)

    def plan(self, rates: Rates) -> list[PlannedRun]:
        """State and estimated time of every run."""
        return plan_of(self.experiments, self.place, self.factory.outlines, rates)

    def rates(self) -> Rates:
        """What the runs tell that have ended."""
        rates = Rates(self.place.device)
        for one in self.experiments:
            record, work = self.place.record(one), workload_of(one, self.factory.outlines)
            if record is not None and work is not None:
                rates.learn(work, float(record["seconds"]))
        return rates

    def tables(self) -> list[FilledTable]:
        """Tables with what there is by now."""
        comparable = self.factory.comparable
        filled = []
        for table in self.wanted_tables:
            notes = scarcities(needed(table.experiments), self.place)
            told = replace(table, notes=(*table.notes, *notes))
            filled.append(fill(told, self.place.result, comparable))
        return filled

    def figures(self) -> list[Figure]:
        """Figures that are drawn by now."""
        drawn = []
        for wanted in self.wanted_figures:
            result = self.place.result(wanted.drawing) if wanted.drawing else None
            if wanted.drawing and result:
                folder = self.place.of(wanted.drawing)
                files = tuple(folder / name for name in result["files"])
                drawn.append(Figure(wanted.name, wanted.title, files, wanted.notes))
        return drawn

    def runs(self) -> dict[str, list[dict[str, Any]]]:
        """Records of the runs behind each table and figure, see `run_record`."""
        return {
            part.name: [run_record(one, self.place) for one in needed(part.experiments)]
            for part in self._parts
        }

    @property
    def _parts(self) -> tuple[WantedTable | WantedFigure, ...]:
        return (*self.wanted_tables, *self.wanted_figures)
