"""How many pairs a second are made: procedural scenes, and hybrid pairs by pasted exemplars.

    python benchmarks/synthesis.py [--count 20] [--json FILE]

Hybrid pairs are made of procedural scenes here, so that no real imagery is needed; one process, one pair after another.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np

from diachron.data.sample import Sample
from diachron.synthesis.hybrid import hybrid_pairs
from diachron.synthesis.scene import SyntheticPair, stream_pairs

SIZE_PX, GSD_M = 512, 0.5


def scenes(count: int) -> Iterator[SyntheticPair]:
    """Yield procedural pairs."""
    return islice(stream_pairs(1, SIZE_PX, GSD_M), count)


def as_sample(pair: SyntheticPair) -> Sample:
    """Return a pair as a labelled place at two dates."""
    blank = Sample(pair.before, pair.after, None, 0, None, None, "flair", GSD_M, "procedural", "", "procedural", "")
    return replace(blank, classes_before=pair.classes_before, classes_after=pair.classes_after)


def measure(count: int) -> dict[str, float]:
    """Return pairs a second of each kind, and the share of pixels that hybrid pairs call changed."""
    started = time.perf_counter()
    made = list(scenes(count))
    figures = {"procedural pairs a second": count / (time.perf_counter() - started)}
    samples = [as_sample(pair) for pair in made]
    next(hybrid_pairs(samples, 1, seed=0))
    started = time.perf_counter()
    next(hybrid_pairs(samples, 1, seed=1))
    begun = time.perf_counter() - started
    started = time.perf_counter()
    pairs = list(hybrid_pairs(samples, count, seed=1))
    figures["hybrid pairs a second"] = (count - 1) / max(1e-9, time.perf_counter() - started - begun)
    figures["changed by painting"] = float(np.mean([((each.change == 1) & each.painted).mean() for each in pairs]))
    return figures


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=20)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    figures = measure(options.count)
    print(
        "\n".join(
            [f"| {SIZE_PX} px | |", "|---|---|", *(f"| {name} | {value:.3g} |" for name, value in figures.items())]
        )
    )
    if options.json is not None:
        options.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
