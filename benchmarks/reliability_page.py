"""Counts of several calls of a benchmark of reliability, and its part of docs/reliability.md."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from pages import DOCS, measured_on

PAGE = DOCS.parent / "reliability.md"


@dataclass
class Counts:
    """How often a fault met a command, and how often something was lost."""

    job: str
    fault: str
    injected: int = 0
    lost: int = 0


@dataclass
class Records:
    """What earlier calls counted, kept in docs/benchmarks/NAME.json.

    Attributes:
        name: of the file.
        counts: by command and fault.
        losses: what was lost, with the seed.
        seeds: that were used.
    """

    name: str
    counts: list[Counts] = field(default_factory=list)
    losses: list[dict[str, str | int]] = field(default_factory=list)
    seeds: int = 0

    @classmethod
    def read(cls, name: str) -> "Records":
        path = DOCS / f"{name}.json"
        if not path.exists():
            return cls(name)
        stored = json.loads(path.read_text())["results"]
        return cls(
            name, [Counts(**one) for one in stored["counts"]], stored["losses"], stored["seeds"]
        )

    def next_seed(self) -> int:
        self.seeds += 1
        return self.seeds

    def add(self, found: Counts, lost: str, seed: int) -> None:
        """Count a fault, and write everything down."""
        for one in self.counts:
            if (one.job, one.fault) == (found.job, found.fault):
                one.injected, one.lost = one.injected + found.injected, one.lost + found.lost
                break
        else:
            self.counts.append(found)
        if lost:
            self.losses.append({"job": found.job, "fault": found.fault, "seed": seed, "lost": lost})
        self.write()

    def write(self) -> None:
        results = {key: value for key, value in asdict(self).items() if key != "name"}
        stored = {"measured_on": measured_on(), "results": results}
        (DOCS / f"{self.name}.json").write_text(json.dumps(stored, indent=1) + "\n")
        replace_part(PAGE, self.name, self.table())

    def table(self) -> list[str]:
        """Faults in rows, commands in columns: injected, and lost where any was."""
        jobs = list(dict.fromkeys(one.job for one in self.counts))
        faults = list(dict.fromkeys(one.fault for one in self.counts))
        found = {(one.fault, one.job): one for one in self.counts}
        lines = [
            f"| fault | {' | '.join(jobs)} | injected | survived | lost |",
            "|---" * (len(jobs) + 4) + "|",
        ]
        for fault in [*faults, "all"]:
            row = [one for one in self.counts if fault in (one.fault, "all")]
            cells = [
                str(sum(one.injected for one in row if one.job == job))
                if fault == "all" or (fault, job) in found
                else "–"
                for job in jobs
            ]
            injected, lost = sum(one.injected for one in row), sum(one.lost for one in row)
            sums = f"{injected:,} | {injected - lost:,} | {lost:,}"
            lines.append(f"| {fault} | {' | '.join(cells)} | {sums} |")
        return lines


def replace_part(path: Path, name: str, lines: Sequence[str]) -> None:
    """Write lines between the marks of a name in a page; without marks, nothing is written."""
    first, last = f"<!-- {name}: made by benchmarks/{name}.py -->\n", f"<!-- end of {name} -->"
    text = path.read_text() if path.exists() else ""
    if first not in text or last not in text:
        return
    before, rest = text.split(first)
    after = rest.split(last, 1)[1]
    path.write_text(f"{before}{first}\n" + "\n".join(lines) + f"\n\n{last}{after}")
