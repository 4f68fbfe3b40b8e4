"""Damage of buildings, as xView2 has it: what the damage adapter is asked, and the names of what it sees."""

from __future__ import annotations

from functools import lru_cache

from diachron.data.nomenclature import vocabulary_of
from diachron.data.sample import DAMAGE_LEVELS
from diachron.model.look import Look
from diachron.model.vocabulary import Vocabulary

DAMAGE_LOOK = Look("damage", ("building",), ("building",))
DAMAGE_QUESTION = "what is the damage to the buildings?"
FIRST_LEVEL = 201
"""The nomenclature's id of `DAMAGE_LEVELS`' first; the others follow."""
NO_BUILDING = FIRST_LEVEL + len(DAMAGE_LEVELS)


@lru_cache(maxsize=1)
def damage_vocabulary() -> Vocabulary:
    """Return the levels of damage, and "no building", as the classes to look for."""
    return vocabulary_of("damage")
