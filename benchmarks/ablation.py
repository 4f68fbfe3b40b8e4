"""What each part of the training recipe brings: short trainings, each without one part, measured on the same pairs.

    python benchmarks/ablation.py --runs DIR [--steps 400] [--only NAME ...] [--every 2] [--json FILE]

Each begins from ImageNet's pyramid and nothing else, with the shipped model's tokenizer, on crops of 128 pixels: small
trainings, which tell what a part brings at the start and not what it brings in the end. One seed each; "all, another
seed" tells how much chance alone moves a figure. A training goes on from its checkpoint when the command is called
again. The last two tune the shipped weights for as many steps, wholly and by an adapter.
"""

from __future__ import annotations

import argparse
import json
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from diachron.evaluation.suites import evaluate
from diachron.model.loading import load_interpreter
from diachron.resources import resource
from diachron.runtime import keep_quiet
from diachron.training.augment import AugmentConfig
from diachron.training.config import AdapterConfig, MixtureConfig, StageConfig, TrainingConfig
from diachron.training.recipe import train_config

SHIPPED = "mini"
TOKENIZER = ("tokenizer.json", "tokenizer_config.json")
LAND_COVER = "mean IoU of the main classes"
SUITES = {"levir_cd_val": "F1", "levir_cd_val_native": "F1", "whu_cd": "F1", "land_cover": LAND_COVER}
BASE = TrainingConfig(
    name="ablation", version="0", seed=1, threads=1, ema=0.99, checkpoint_every=50, panels_every=1_000_000,
    synthetic_pairs=40, synthesized_pairs=80,
    mixture=MixtureConfig(
        levir=0.3, levir_native=0.2, land_cover=0.3, dubai=0.06, synthetic=0.05, synthesized=0.05, identical=0.04
    ),
    augment=AugmentConfig(seek_change=0.25),
)  # fmt: skip

Change = Callable[[TrainingConfig], TrainingConfig]


def without(**shares: float) -> Change:
    """Return a change of the mixture."""
    return lambda config: replace(config, mixture=replace(config.mixture, **shares))


def augmented(**amounts: float) -> Change:
    """Return a change of the augmentation."""
    return lambda config: replace(config, augment=replace(config.augment, **amounts))


def tuned(rank: int) -> Change:
    """Return a change to tuning of the shipped weights, by an adapter where ``rank`` is above 0."""

    def change(config: TrainingConfig) -> TrainingConfig:
        model = replace(config.model, folder=SHIPPED) if rank else config.model
        adapter = AdapterConfig(rank=rank, licence="non-commercial")
        return replace(config, model=model, adapter=adapter, start="" if rank else SHIPPED)

    return change


VARIANTS: dict[str, Change] = {
    "all": lambda config: config,
    "all, another seed": lambda config: replace(config, seed=2),
    "without procedural scenes": without(synthetic=0.0),
    "without hybrid pairs": without(synthesized=0.0),
    "without unchanged pairs": without(identical=0.0),
    "without land cover": without(land_cover=0.0, dubai=0.0, synthesized=0.0),
    "without date swap": augmented(swap=0.0),
    "without radiometry and shift": augmented(gain=0.0, gamma=0.0, colour=0.0, noise=0.0, blur=0.0, shift_px=0.0),
    "with class weights": lambda config: replace(config, class_weights=0.5),
    "pyramid from nothing": lambda config: replace(config, model=replace(config.model, pyramid_weights="")),
    "without the vision encoder's layers": lambda config: replace(config, model=replace(config.model, vision_layers=0)),
    "shipped weights tuned wholly": tuned(0),
    "shipped weights tuned by LoRA": tuned(8),
}


@dataclass(frozen=True)
class Row:
    """One training's figures by suite, and the seconds that its steps took."""

    name: str
    figures: dict[str, float]
    seconds: float


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=Path, required=True, metavar="DIR")
    parser.add_argument("--steps", type=int, default=400)
    parser.add_argument("--only", nargs="*", default=list(VARIANTS), choices=list(VARIANTS), metavar="NAME")
    parser.add_argument("--every", type=int, default=2, help="measure on one pair in so many")
    parser.add_argument("--json", type=Path, metavar="FILE")
    options = parser.parse_args()
    keep_quiet()
    rows = []
    for name in options.only:
        rows.append(measured(name, options.runs, options.steps, options.every))
        print(table(rows), flush=True)
        if options.json:
            options.json.write_text(json.dumps([asdict(row) for row in rows], indent=2) + "\n", encoding="utf-8")
    return 0


def measured(name: str, runs: Path, steps: int, every: int) -> Row:
    """Train one variant where that is not done, and measure it."""
    stage = StageConfig("ablation", steps, crop_px=128, text_batch=0, warmup=30, decay=True)
    config = VARIANTS[name](replace(BASE, stages=(stage,)))
    run = runs / name.replace(" ", "-").replace(",", "").replace("'", "")
    prepare(run, config)
    train_config(config, run)
    adapter = str(run / "adapter") if config.adapter.rank else None
    interpreter = load_interpreter(SHIPPED if adapter else str(run / "model"), adapter)
    figures = {suite: evaluate(suite, interpreter, every).figures[figure] for suite, figure in SUITES.items()}
    lines = (run / "curve.jsonl").read_text(encoding="utf-8").splitlines()
    return Row(name, figures, sum(json.loads(line)["seconds"] for line in lines))


def prepare(run: Path, config: TrainingConfig) -> None:
    """Lay out what a training begins with: the shipped tokenizer, and the shipped weights where it tunes them."""
    shipped = resource("weights") / SHIPPED
    (run / "tokenizer").mkdir(parents=True, exist_ok=True)
    for name in TOKENIZER:
        shutil.copy(shipped / name, run / "tokenizer" / name)
    if config.start:
        shutil.copytree(shipped, run.parent / config.start / "model", dirs_exist_ok=True)


def table(rows: list[Row]) -> str:
    """Return the rows as a Markdown table."""
    lines = ["| | " + " | ".join(SUITES) + " | minutes |", "|---" * (len(SUITES) + 2) + "|"]
    for row in rows:
        figures = " | ".join(f"{row.figures[suite]:.3f}" for suite in SUITES)
        lines.append(f"| {row.name} | {figures} | {row.seconds / 60:.0f} |")
    return "\n".join(lines)


if __name__ == "__main__":
    raise SystemExit(main())
