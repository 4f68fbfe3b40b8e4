"""What a reading may name: the vocabulary's words, and runs of the question's own."""

from __future__ import annotations

import pytest

from diachron.model.backend import PreTrainedTokenizerFast
from diachron.model.look import Look
from diachron.model.naming import Naming
from diachron.model.prompts import reading_target
from diachron.model.vocabulary import load_vocabulary
from diachron.resources import resource

QUESTION = "How many new solar farms or l'aire de repos are there?"


@pytest.fixture(scope="module")
def tokenizer() -> PreTrainedTokenizerFast:
    return PreTrainedTokenizerFast.from_pretrained(resource("weights") / "mini", local_files_only=True)


def is_let_write(tokenizer, question: str, look: Look) -> bool:
    """Tell whether every token of a reading may come where it comes."""
    guide = Naming(tokenizer, load_vocabulary(None)).guide(question)
    written: list[int] = []
    for token in tokenizer(reading_target("en", look), add_special_tokens=False)["input_ids"]:
        choices = guide.choices()
        if choices is not None and token not in choices:
            return False
        written.append(token)
        guide.follow(token, tokenizer.decode(written))
    return True


@pytest.mark.parametrize(
    "look",
    [
        Look("count", target=("solar farms",)),
        Look("count", source=("solar farms", "water"), target=("impervious surface",)),
        Look("count", target=("aire de repos",)),
        Look("semantic_map", classes=("building", "trees"), date="after"),
        Look("list"),
        Look("unanswerable", reason="language"),
    ],
)
def test_names_of_the_vocabulary_and_of_the_question_may_be_written(tokenizer, look):
    assert is_let_write(tokenizer, QUESTION, look)


@pytest.mark.parametrize("name", ["solar panels", "solar farm yard", "so", "church"])
def test_a_name_from_nowhere_may_not(tokenizer, name):
    assert not is_let_write(tokenizer, QUESTION, Look("count", target=(name,)))


def test_a_name_is_a_class_or_a_group_where_it_means_one():
    named = load_vocabulary(None).named
    assert Look("count", source=("ponds",), target=("any",)).renamed(named) == Look("count", source=("water",))
    assert [named(word) for word in ("building", "houses", "forest", "any", "solar farms")] == [
        "building", "building", "trees", "any", "solar farms",
    ]  # fmt: skip
