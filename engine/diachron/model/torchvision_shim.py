"""Let ``torchvision`` import beside a CPU build of torch.

PyPI's torchvision is built for CUDA; beside a CPU torch its import fails because the operators that its
meta kernels name do not exist, and takes timm, segmentation-models-pytorch and peft with it. Declaring
the two missing operators before the first import mends that; nothing here calls them.
"""

from __future__ import annotations

import importlib

import torch
from torch import library as operators

_DECLARED: list[operators.Library] = []
_MISSING = (
    "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
)


def declare_missing_operators() -> None:
    """Declare torchvision's operators where the installed build cannot load them.

    Does nothing where torchvision is absent or loads as it is.
    """
    if _DECLARED or torch.cuda.is_available():
        return
    try:
        importlib.import_module("torchvision")
    except RuntimeError:
        _forget_half_import()
        library = operators.Library("torchvision", "DEF")
        for schema in _MISSING:
            library.define(schema)
        _DECLARED.append(library)
    except ImportError:
        return


def _forget_half_import() -> None:
    import sys

    for name in [name for name in sys.modules if name.split(".")[0] == "torchvision"]:
        del sys.modules[name]
