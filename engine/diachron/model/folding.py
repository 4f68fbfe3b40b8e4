"""Convolutions for inference: each takes in the batch normalisation and the activation that follow it.

Both are exact but for rounding. A small convolution is bound by memory: normalisation and activation apart would each
read and write the whole map once more.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from diachron.model.decoder import GuideConvolution, UpsamplingWeights

# What oneDNN calls each activation, with its numbers and its variant.
_ACTIVATIONS: dict[type[nn.Module], tuple[str, list[float], str]] = {
    nn.ReLU: ("relu", [], ""),
    nn.ReLU6: ("hardtanh", [0.0, 6.0], ""),
    nn.GELU: ("gelu", [], "none"),
}
_NOTHING: tuple[str, list[float], str] = ("none", [], "")


class FusedConvolution(nn.Module):
    """A convolution and its activation as one operator of oneDNN; elsewhere than on a CPU, one after the other.

    timm's "same" padding, as TensorFlow pads, is one more after an image of even sides than before it (the pyramid's
    sides are multiples of 32). To copy an image into a larger one costs more than the convolution of many channels: a
    kernel with a row and a column of zeros before it does the same with as much padding before as after.
    """

    def __init__(self, convolution: nn.Conv2d, activation: nn.Module | None) -> None:
        super().__init__()
        self.convolution, self.activation = convolution, activation
        self.fused = _NOTHING if activation is None else _ACTIVATIONS[type(activation)]
        self.padded_before = type(convolution) is not nn.Conv2d
        if self.padded_before and convolution.groups > 1:
            _begin_with_zeros(convolution)
            self.padded_before = False

    def forward(self, x: Tensor) -> Tensor:
        """Convolve: [B, C, H, W] -> [B, C', H', W']."""
        own = self.convolution
        padding = own.padding
        if self.padded_before:
            x, padding = _padded(x, own), (0, 0)
        if not _takes_activations(x) or torch.is_grad_enabled():
            x = F.conv2d(x, own.weight, own.bias, own.stride, padding, own.dilation, own.groups)
            return x if self.activation is None else self.activation(x)
        name, numbers, variant = self.fused
        return torch.ops.mkldnn._convolution_pointwise(
            x, own.weight, own.bias, padding, own.stride, own.dilation, own.groups, name, numbers, variant
        )


def _takes_activations(x: Tensor) -> bool:
    """Return whether oneDNN has an operator for the device and the type of ``x``."""
    if x.device.type != "cpu":
        return False
    short = x.dtype == torch.bfloat16 and bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())
    return short or x.dtype == torch.float32


def _padded(x: Tensor, convolution: nn.Conv2d) -> Tensor:
    pads = []
    for size, kernel, stride in zip(x.shape[:1:-1], convolution.kernel_size[::-1], convolution.stride[::-1]):
        total = max(0, (-(-size // stride) - 1) * stride + kernel - size)
        pads += [total // 2, total - total // 2]
    return F.pad(x, pads)


def _begin_with_zeros(convolution: nn.Conv2d) -> None:
    """Give a convolution with "same" padding zeros before its kernel, and padding alike on all sides."""
    kernel, strides = convolution.kernel_size, convolution.stride
    before = [(size - stride) // 2 for size, stride in zip(kernel, strides, strict=True)]
    # With a stride of 1 padding is alike already; with 2 it is one more after.
    more = [stride - 1 for stride in strides]
    convolution.weight = nn.Parameter(F.pad(convolution.weight, [more[1], 0, more[0], 0]), requires_grad=False)
    convolution.padding = (before[0] + more[0], before[1] + more[1])


def fold_normalisation(model: nn.Module) -> None:
    """Put a `FusedConvolution` in the place of each convolution with what follows it (running statistics are
    constants).
    """
    for parent in list(model.modules()):
        if isinstance(parent, FusedConvolution):
            continue
        children = list(parent.named_children())
        for place, (name, child) in enumerate(children):
            taken = isinstance(child, nn.Conv2d) and not isinstance(child, (GuideConvolution, UpsamplingWeights))
            if taken and not isinstance(child.padding, str):
                setattr(parent, name, FusedConvolution(child, _take_in(parent, child, children[place + 1 :])))


def _take_in(parent: nn.Module, convolution: nn.Conv2d, following: list[tuple[str, nn.Module]]) -> nn.Module | None:
    """Fold the normalisation that follows into a convolution, and return the activation that follows it; what is taken
    from ``parent`` is nothing there any more.
    """
    for name, child in following:
        if isinstance(child, nn.BatchNorm2d):
            _fold(convolution, child)
            setattr(parent, name, nn.Identity())
            # timm's normalisation layers hold the activation that follows them.
            inner = getattr(child, "act", None)
            if type(inner) in _ACTIVATIONS:
                return inner
        elif type(child) in _ACTIVATIONS:
            setattr(parent, name, nn.Identity())
            return child
        elif not isinstance(child, nn.Identity):
            return None
    return None


def _fold(convolution: nn.Conv2d, norm: nn.BatchNorm2d) -> None:
    assert norm.running_mean is not None and norm.running_var is not None
    scale = norm.weight / (norm.running_var + norm.eps).sqrt()
    bias = convolution.bias if convolution.bias is not None else torch.zeros_like(norm.running_mean)
    convolution.weight = nn.Parameter(convolution.weight * scale.view(-1, 1, 1, 1), requires_grad=False)
    convolution.bias = nn.Parameter((bias - norm.running_mean) * scale + norm.bias, requires_grad=False)
