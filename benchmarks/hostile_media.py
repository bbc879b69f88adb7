"""Give thousands of broken films to a worker of ingest, and count what becomes of them.

    python benchmarks/hostile_media.py --more 1000      # adds to what earlier calls counted

Films of twelve containers are broken by seed (hostile_mutations.py) and read as `eruv ingest` reads
them: by its worker process, with its limits, shots and proxy included. Writes
docs/benchmarks/hostile_media.json and the tables in docs/reliability.md.
"""

import argparse
import json
import os
import re
import threading
import time
from collections import Counter
from contextlib import closing, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from eruv.library.pool import Worker, WorkerLimits, WorkerPool
from eruv.library.video_pass import EditingSettings
from fault_films import CONTAINERS, make_film
from hostile_mutations import mutated
from pages import DOCS, measured_on
from reliability_page import PAGE, replace_part

SILENT_S = 60.0
FRAMES = 12  # of each of two shots
WRITTEN_EVERY = 100
STEADY_AFTER = 100  # inputs of one worker, before its memory is compared


@dataclass
class Hostile:
    """What became of broken films, over all calls.

    Attributes:
        tried: inputs, whose seeds are 1, 2, 3 ...
        outcomes: by container, of what kind.
        ways: by way of breaking, of what kind.
        reasons: of what was refused, with numbers left out.
        longest_s, longest_seed: of one input, by the processor's time of the worker.
        longest_wall_s: of one input, on a machine that may be busy with other things.
        peak_mb, peak_seed: largest resident memory of a worker while it read one input.
        growth_mb: by how much a worker's memory grew from its 100th input to its last, at most.
        failures: seeds that crashed a worker or kept it silent, with what became of them when they
            were tried again with another worker; counted are those that failed again.
    """

    tried: int = 0
    outcomes: dict[str, dict[str, int]] = field(default_factory=dict)
    ways: dict[str, dict[str, int]] = field(default_factory=dict)
    reasons: dict[str, int] = field(default_factory=dict)
    longest_s: float = 0.0
    longest_seed: int = 0
    longest_wall_s: float = 0.0
    peak_mb: float = 0.0
    peak_seed: int = 0
    growth_mb: float = 0.0
    failures: list[dict[str, Any]] = field(default_factory=list)

    @classmethod
    def read(cls, path: Path) -> "Hostile":
        return cls(**json.loads(path.read_text())["results"]) if path.exists() else cls()

    def count(self, kind: str, way: str, outcome: str) -> None:
        for table, name in ((self.outcomes, kind), (self.ways, way)):
            row = table.setdefault(name, {})
            row[outcome] = row.get(outcome, 0) + 1

    def write(self, path: Path) -> None:
        self.reasons = dict(Counter(self.reasons).most_common())
        stored = {"measured_on": measured_on(), "results": asdict(self)}
        path.write_text(json.dumps(stored, indent=1) + "\n")
        replace_part(PAGE, "hostile_media", self.lines())

    def lines(self) -> list[str]:
        """The tables, for the page."""
        kinds = ["taken", "taken, with its damage told", "refused with a reason", "crash", "hang"]
        lines = [
            f"{self.tried:,} broken films. The longest took {self.longest_s:.1f} s of a processor "
            f"({self.longest_wall_s:.1f} s on a busy machine); the largest worker had "
            f"{self.peak_mb:,.0f} MB; no worker grew by more than {self.growth_mb:.0f} MB after "
            f"its {STEADY_AFTER}th film.",
        ]
        for title, table in (("container", self.outcomes), ("what was done", self.ways)):
            lines += ["", f"| {title} | tried | {' | '.join(kinds)} |", "|---" * 7 + "|"]
            for name, row in [*sorted(table.items()), ("all", _sums(table))]:
                cells = " | ".join(f"{row.get(one, 0):,}" for one in kinds)
                lines.append(f"| {name} | {sum(row.values()):,} | {cells} |")
        lines += ["", "| reason given | films |", "|---|---|"]
        lines += [f"| {reason} | {count:,} |" for reason, count in self.reasons.items()]
        return lines


def _sums(table: dict[str, dict[str, int]]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for row in table.values():
        total.update(row)
    return dict(total)


class Reader:
    """One worker at a time, replaced when it dies."""

    def __init__(self, pool: WorkerPool, folder: Path, found: Hostile) -> None:
        self.pool, self.folder, self.found = pool, folder, found
        self.worker: Worker | None = None
        self.read = 0
        self.steady_mb = 0.0

    def try_one(self, seed: int, films: dict[str, bytes]) -> None:
        """Have one broken film read, and count what became of it."""
        kind, way, content = mutated(seed, films)
        path = self.folder / f"{seed}.{kind}"
        path.write_bytes(content)
        event = self._read(seed, path)
        if event["event"] == "died":
            again = self._read(seed, path)
            self.found.failures.append({"seed": seed, "first": event, "again": again["event"]})
            event = again
        self.found.count(kind, way, self._outcome(event))
        self.found.tried = seed
        path.unlink()
        (self.folder / "proxy.mp4").unlink(missing_ok=True)

    def _read(self, seed: int, path: Path) -> dict[str, Any]:
        """The last event of a worker that reads a film; a dead one is forgotten."""
        if self.worker is None:
            self.worker, self.read = self.pool.start(), 0
        pid = self.worker.process.pid
        before, started = _processor_s(pid), time.monotonic()
        state: dict[str, Any] = {}
        watch = threading.Timer(0.8 * SILENT_S, lambda: state.update(_state(pid, before)))
        watch.start()
        proxy = {"proxy_path": str(self.folder / "proxy.mp4")}
        self.worker.send({"job": "edit", "path": str(path), "video_id": "0"} | proxy)
        while True:
            sender, event = self.pool.next()
            if sender is self.worker and event["event"] != "frames":
                break
        watch.cancel()
        if event["event"] == "died":
            self.worker = None
            return event | state
        self._note_cost(seed, pid, before, time.monotonic() - started)
        return event

    def _outcome(self, event: dict[str, Any]) -> str:
        if event["event"] == "edited":
            damaged = event["video"]["failed_packets"]
            return "taken, with its damage told" if damaged else "taken"
        if event["event"] == "unreadable":
            reason = re.sub(r"\d+", "N", event["reason"])
            self.found.reasons[reason] = self.found.reasons.get(reason, 0) + 1
            return "refused with a reason"
        return "hang" if event.get("code") is None else "crash"

    def _note_cost(self, seed: int, pid: int, before: float, wall_s: float) -> None:
        found, seconds = self.found, _processor_s(pid) - before
        found.longest_wall_s = max(found.longest_wall_s, round(wall_s, 2))
        # The first film of a worker waits for its imports.
        if self.read and seconds > found.longest_s:
            found.longest_s, found.longest_seed = round(seconds, 2), seed
        memory = _memory_mb(pid)
        if memory is None:
            return
        peak, now = memory
        if peak > found.peak_mb:
            found.peak_mb, found.peak_seed = round(peak, 1), seed
        self.read += 1
        if self.read == STEADY_AFTER:
            self.steady_mb = now
        elif self.read > STEADY_AFTER:
            found.growth_mb = max(found.growth_mb, round(now - self.steady_mb, 1))


def _memory_mb(pid: int) -> tuple[float, float] | None:
    """The largest resident memory since the last call, and that of now; None if it is gone."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
        Path(f"/proc/{pid}/clear_refs").write_text("5")
    except OSError:
        return None
    sizes = dict(re.findall(r"^(VmHWM|VmRSS):\s+(\d+) kB", status, re.MULTILINE))
    return (int(sizes["VmHWM"]) / 1024, int(sizes["VmRSS"]) / 1024) if len(sizes) == 2 else None


def _processor_s(pid: int) -> float:
    """Seconds that a process has spent on processors."""
    try:
        words = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return 0.0
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def _state(pid: int, before: float) -> dict[str, Any]:
    """Whether a silent worker computes, waits for a processor (R), or sleeps (S)."""
    threads = {}
    for task in Path(f"/proc/{pid}/task").glob("*"):
        with suppress(OSError):
            threads[task.name] = (task / "stat").read_text().rsplit(")", 1)[1].split()[0]
    load = os.getloadavg()[0]
    return {"processor_s": _processor_s(pid) - before, "threads": threads, "load": load}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--more", type=int, default=1000, help="films to try in this call")
    parser.add_argument("--minutes", type=float, default=60.0, help="after which it ends anyway")
    words = parser.parse_args()
    record, end = DOCS / "hostile_media.json", time.monotonic() + 60 * words.minutes
    found = Hostile.read(record)
    with TemporaryDirectory(prefix="eruv-hostile-") as name:
        folder = Path(name)
        films = {}
        for suffix in CONTAINERS:
            path = make_film(folder / f"whole.{suffix}", 1, frames=FRAMES)
            films[suffix] = path.read_bytes()
            path.unlink()
        limits = WorkerLimits(silent_s=SILENT_S)
        with closing(WorkerPool(EditingSettings(), limits)) as pool:
            reader = Reader(pool, folder, found)
            for seed in range(found.tried + 1, found.tried + 1 + words.more):
                reader.try_one(seed, films)
                if seed % WRITTEN_EVERY == 0:
                    found.write(record)
                    print(f"{seed:,} tried, {len(found.failures)} failures", flush=True)
                if time.monotonic() > end:
                    break
    found.write(record)


if __name__ == "__main__":
    main()
