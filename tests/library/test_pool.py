"""Worker processes end with their pool and import no more than they need.

Covers also: worker.
"""

import subprocess
import sys
from contextlib import closing

from eruv.library.pool import WorkerPool
from eruv.library.video_pass import EditingSettings


def test_workers_end_with_their_pool() -> None:
    with closing(WorkerPool(EditingSettings())) as pool:
        processes = [pool.start().process for _ in range(2)]
        assert all(process.poll() is None for process in processes)
    assert all(process.poll() is not None for process in processes)


def test_ingest_and_its_workers_leave_torch_unimported() -> None:
    code = (
        "import sys, eruv, eruv.library.worker; eruv.ingest; "
        "print([name for name in ('torch', 'accelerate') if name in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (result.stdout, result.returncode) == ("[]\n", 0)


def test_a_worker_needs_no_catalogue() -> None:
    code = "import sys, eruv.library.worker; print([m for m in ('lancedb',) if m in sys.modules])"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.stdout == "[]\n"
