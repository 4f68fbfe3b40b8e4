"""What an object may become: a table of plausible changes, weighed by how rare each class is."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import lru_cache

import numpy as np
from numpy.random import Generator

from diachron.model.vocabulary import load_vocabulary
from diachron.resources import resource


@lru_cache(maxsize=1)
def transitions() -> dict[int, dict[int, float]]:
    """Return how plausible each change is, by FLAIR ids, as ``resources/synthesis/transitions.json`` has it."""
    ids = {each.name: each.id for each in load_vocabulary(None).classes}
    table = json.loads(resource("synthesis/transitions.json").read_text(encoding="utf-8"))["transitions"]
    return {ids[source]: {ids[target]: weight for target, weight in row.items()} for source, row in table.items()}


def draw_target(source: int, possible: Iterable[int], shares: Mapping[int, float], rng: Generator) -> int | None:
    """Return the class that an object of class ``source`` becomes, None where nothing is plausible.

    Among the ``possible`` classes, by plausibility over the class's share of the labels: what is rare is drawn often.
    """
    row = {target: weight for target, weight in transitions().get(source, {}).items() if target != source}
    targets = [target for target in possible if target in row]
    if not targets:
        return None
    weights = np.array([row[target] / max(shares.get(target, 1.0), 1e-4) for target in targets])
    return int(rng.choice(targets, p=weights / weights.sum()))
