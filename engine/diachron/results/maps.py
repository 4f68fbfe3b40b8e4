"""The maps of a whole area, as the model saw it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Maps:
    """``change`` uint8 [H, W]: probability x 254; ``classes``: one uint8 [H, W] of vocabulary ids a date (0 = no data);
    ``valid`` bool [H, W]: every date has data; ``certainty``: one uint8 [H, W] a date, the probability x 254 of the
    class that ``classes`` holds (empty where it is not known); ``steps``: of three dates and more, one uint8 [H, W] for
    each date and the next, of which ``change`` is the greatest (empty for two dates). Any may be a ``np.memmap``.

    Raises
    ------
    ValueError: shapes differ.
    """

    change: NDArray[np.uint8]
    classes: tuple[NDArray[np.uint8], ...]
    valid: NDArray[np.bool_]
    certainty: tuple[NDArray[np.uint8], ...] = ()
    steps: tuple[NDArray[np.uint8], ...] = ()

    def __post_init__(self) -> None:
        dated = (*self.classes, *self.certainty, *self.steps)
        shapes = {self.change.shape, self.valid.shape, *(each.shape for each in dated)}
        if len(shapes) != 1:
            raise ValueError(f"maps of one area have one shape, received {sorted(shapes)}")

    def planes(self) -> tuple[NDArray[np.uint8], ...]:
        """Return every map as uint8 [H, W]: change, valid, then classes, certainty and steps."""
        return (self.change, self.valid.view(np.uint8), *self.classes, *self.certainty, *self.steps)

    @classmethod
    def of_planes(cls, planes: Sequence[NDArray[np.uint8]], dates: int) -> Maps:
        """Return what `planes` took apart, of a model's maps of so many dates."""
        change, valid, *dated = planes
        classes, certainty, steps = dated[:dates], dated[dates : 2 * dates], dated[2 * dates :]
        return cls(change, tuple(classes), valid.view(bool), tuple(certainty), tuple(steps))
