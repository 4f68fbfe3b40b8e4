"""Scores of captions against what people wrote: BLEU-1 to 4, ROUGE-L and CIDEr-D, as COCO's evaluation has them.

METEOR is an algorithm with its own dictionaries: it is COCO's own program, and is left out where Java is not at hand.
"""

from __future__ import annotations

import math
import re
import shutil
from collections import Counter
from collections.abc import Sequence

ORDERS = range(1, 5)
TINY, SMALL = 1e-15, 1e-9
BETA = 1.2
"""Of ROUGE-L: recall counts so much more than precision."""
SIGMA = 6.0
"""Of CIDEr-D: how much a difference in length costs."""
_WORD = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+(?:['’-][^\W\d_]+)*")

Words = tuple[str, ...]
Grams = Counter[Words]


def words_of(text: str) -> Words:
    """Return the words and numbers of a caption in lower case, without punctuation."""
    return tuple(_WORD.findall(text.lower()))


def caption_scores(told: Sequence[str], written: Sequence[Sequence[str]]) -> dict[str, float]:
    """Return every score of captions against the references of each."""
    candidates = [words_of(text) for text in told]
    references = [[words_of(text) for text in texts] for texts in written]
    scores = {f"BLEU-{order}": value for order, value in zip(ORDERS, bleu(candidates, references), strict=True)}
    scores |= {"ROUGE-L": rouge_l(candidates, references), "CIDEr-D": cider_d(candidates, references)}
    meteor = meteor_score(candidates, references)
    return scores if meteor is None else scores | {"METEOR": meteor}


def _grams(words: Words, order: int) -> Grams:
    return Counter(words[start : start + order] for start in range(len(words) - order + 1))


# -- BLEU ---------------------------------------------------------------------------------------


def bleu(candidates: Sequence[Words], references: Sequence[Sequence[Words]]) -> list[float]:
    """Return BLEU-1 to 4 of a corpus (Papineni et al. 2002), with the reference closest in length."""
    right, guessed = dict.fromkeys(ORDERS, 0), dict.fromkeys(ORDERS, 0)
    length = wanted = 0
    for words, others in zip(candidates, references, strict=True):
        length += len(words)
        wanted += min((abs(len(other) - len(words)), len(other)) for other in others)[1]
        for order in ORDERS:
            most: Grams = Counter()
            for other in others:
                most |= _grams(other, order)
            right[order] += (_grams(words, order) & most).total()
            guessed[order] += max(0, len(words) - order + 1)
    product, scores = 1.0, []
    for order in ORDERS:
        product *= (right[order] + TINY) / (guessed[order] + SMALL)
        scores.append(product ** (1 / order))
    ratio = (length + TINY) / (wanted + SMALL)
    penalty = math.exp(1 - 1 / ratio) if ratio < 1 else 1.0
    return [score * penalty for score in scores]


# -- ROUGE-L ------------------------------------------------------------------------------------


def rouge_l(candidates: Sequence[Words], references: Sequence[Sequence[Words]]) -> float:
    """Return the mean F of the longest common subsequence (Lin 2004), of the references' best precision and recall."""
    scores = [_rouge_l(words, others) for words, others in zip(candidates, references, strict=True)]
    return sum(scores) / len(scores) if scores else 0.0


def _rouge_l(words: Words, others: Sequence[Words]) -> float:
    if not words:
        return 0.0
    common = [(_longest_common(words, other), len(other)) for other in others if other]
    precision = max((found / len(words) for found, _ in common), default=0.0)
    recall = max((found / length for found, length in common), default=0.0)
    whole = recall + BETA**2 * precision
    return (1 + BETA**2) * precision * recall / whole if whole else 0.0


def _longest_common(first: Words, second: Words) -> int:
    lengths = [0] * (len(second) + 1)
    for word in first:
        diagonal = 0
        for place, other in enumerate(second, 1):
            diagonal, lengths[place] = (
                lengths[place],
                diagonal + 1 if word == other else max(lengths[place], lengths[place - 1]),
            )
    return lengths[-1]


# -- CIDEr-D ------------------------------------------------------------------------------------


def cider_d(candidates: Sequence[Words], references: Sequence[Sequence[Words]]) -> float:
    """Return CIDEr-D (Vedantam et al. 2015), its weights from these references themselves; 10 is a perfect copy."""
    seen: Counter[Words] = Counter()
    for others in references:
        seen.update({gram for other in others for order in ORDERS for gram in _grams(other, order)})
    weights = _Weights(seen, math.log(max(1, len(references))))
    scores = [_cider_d(weights, words, others) for words, others in zip(candidates, references, strict=True)]
    return sum(scores) / len(scores) if scores else 0.0


class _Weights:
    """Weighs n-grams by how few of the references have them."""

    def __init__(self, seen: Counter[Words], documents: float) -> None:
        self.seen, self.documents = seen, documents

    def vector(self, words: Words, order: int) -> dict[Words, float]:
        """Return the weight of each n-gram of a caption."""
        grams = _grams(words, order)
        return {gram: count * (self.documents - math.log(max(1, self.seen[gram]))) for gram, count in grams.items()}


def _cider_d(weights: _Weights, words: Words, others: Sequence[Words]) -> float:
    total = 0.0
    for other in others:
        # COCO's program measures length in word pairs.
        shortfall = max(0, len(words) - 1) - max(0, len(other) - 1)
        likeness = sum(_likeness(weights.vector(words, order), weights.vector(other, order)) for order in ORDERS)
        total += likeness / len(ORDERS) * math.exp(-(shortfall**2) / (2 * SIGMA**2))
    return 10 * total / len(others) if others else 0.0


def _likeness(told: dict[Words, float], written: dict[Words, float]) -> float:
    """Return the cosine of two vectors, with no reward for saying a word more often than it is written."""
    shared = sum(min(weight, written[gram]) * written[gram] for gram, weight in told.items() if gram in written)
    lengths = math.sqrt(sum(each**2 for each in told.values()) * sum(each**2 for each in written.values()))
    return shared / lengths if lengths else shared


# -- METEOR -------------------------------------------------------------------------------------


def meteor_score(candidates: Sequence[Words], references: Sequence[Sequence[Words]]) -> float | None:
    """Return METEOR by COCO's program; None where the program (``pycocoevalcap``) or Java is not installed."""
    if shutil.which("java") is None:
        return None
    try:
        from pycocoevalcap.meteor.meteor import Meteor
    except ImportError:
        return None
    told = {number: [" ".join(words)] for number, words in enumerate(candidates)}
    written = {number: [" ".join(words) for words in others] for number, others in enumerate(references)}
    return float(Meteor().compute_score(written, told)[0])
