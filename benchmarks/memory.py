"""Peak memory of a whole question on pairs of two sizes, each in a process of its own.

    python -m benchmarks.memory FOLDER SIZE_PX LOOKED_AT

is that process: it prints its peak in bytes. All is real but for one thing: the model looks at the first ``LOOKED_AT``
tiles of each shape, and its maps of one of them stand for the others, for memory does not depend on what is seen.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.imagery import write_pair
from benchmarks.measuring import Figure

MOST_GIB = 2.5
MOST_GROWTH = 1.1


def peaks(folder: Path, small_px: int, large_px: int, looked_at: int) -> list[Figure]:
    """Measure both sizes."""
    small, large = (peak_bytes(folder, size, looked_at) for size in (small_px, large_px))
    note = f"{small / 1e6:.0f} MB and {large / 1e6:.0f} MB"
    return [
        Figure(f"peak memory, {large_px} x {large_px} to {small_px} x {small_px}", large / small, MOST_GROWTH, "times",
               note=note),
        Figure(f"peak memory, {large_px} x {large_px}", large / 2**30, MOST_GIB, "GiB"),
    ]  # fmt: skip


def peak_bytes(folder: Path, size_px: int, looked_at: int) -> int:
    write_pair(folder, size_px)
    command = [sys.executable, "-m", "benchmarks.memory", str(folder), str(size_px), str(looked_at)]
    return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()[-1])


def ask_once(folder: Path, size_px: int, looked_at: int) -> int:
    """Ask one question and return this process's peak memory in bytes."""
    import resource

    from diachron.ask import ask
    from diachron.request import AskRequest
    from diachron.runtime import ModelChoice, load_model, share_cores

    share_cores()
    interpreter = load_model(ModelChoice())
    look, kept = interpreter.maps_together, {}

    def maps_together(tiles: Sequence[NDArray[np.uint8]], *rest: object) -> list[object]:
        seen = kept.setdefault(tiles[0].shape, [])
        if len(seen) < looked_at:
            seen.append(look(tiles[:1], *rest)[0])
        return [seen[-1]] * len(tiles)

    vars(interpreter)["maps_together"] = maps_together
    with tempfile.TemporaryDirectory(dir=folder) as out:
        request = AskRequest(write_pair(folder, size_px), "How many buildings are new?", Path(out) / "answer")
        ask(request, interpreter)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


if __name__ == "__main__":
    print(ask_once(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])))
