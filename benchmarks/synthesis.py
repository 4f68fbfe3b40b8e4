"""How many training pairs are made a second: procedural scenes, and hybrid pairs by pasted exemplars.

Hybrid pairs are made of procedural scenes here, so that no real imagery is needed; one process, one pair after another.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from itertools import islice

from benchmarks.measuring import Figure
from diachron.data.sample import Sample
from diachron.synthesis.exemplars import ExemplarBank
from diachron.synthesis.hybrid import hybrid_pairs
from diachron.synthesis.scene import SyntheticPair, stream_pairs

SIZE_PX, GSD_M = 512, 0.5
LEAST_PAIRS_S = 160 / 600
"""A run makes its pool of pairs when it starts: 160 of them in ten minutes of one core at most."""


def making(count: int) -> list[Figure]:
    """Measure how fast ``count`` pairs of each kind are made."""
    made: list[SyntheticPair] = []
    scenes = _spent(lambda: made.extend(islice(stream_pairs(1, SIZE_PX, GSD_M), count)))
    samples = [_as_sample(pair) for pair in made]
    cutting = _spent(lambda: ExemplarBank(samples))
    hybrids = _spent(lambda: list(hybrid_pairs(samples, range(count), seed=1))) - cutting
    note = f"{SIZE_PX} px"
    return [
        Figure(name, count / max(seconds, 1e-9), LEAST_PAIRS_S, "pairs/s of core time", at_least=True, note=note)
        for name, seconds in (("procedural pairs", scenes), ("hybrid pairs", hybrids))
    ]


def _as_sample(pair: SyntheticPair) -> Sample:
    """Return a pair as a labelled place at two dates."""
    blank = Sample(pair.before, pair.after, None, 0, None, None, "flair", GSD_M, "procedural", "", "procedural", "")
    return replace(blank, classes_before=pair.classes_before, classes_after=pair.classes_after)


def _spent(work: Callable[[], object]) -> float:
    begun = time.process_time()
    work()
    return time.process_time() - begun
