"""Linear layers whose weights are laid out once for oneDNN's kernels.

On processors for which torch's default library takes a slow path this doubles the
speed. The kernel depends on the number of rows alone, so an example's bits do not
depend on what ran before it. The two operators are torch's own but private:
without them the ordinary layer stays, and the engine's version names torch's.
"""

import torch
from torch import nn

_ROWS_HINT = 64  # oneDNN picks the layout for about this many tokens a call


class PackedLinear(nn.Module):  # type: ignore[misc]
    """``nn.Linear`` for inference: same shapes, same float32 arithmetic.

    Args:
        linear: the layer to take weights (out, in) and bias (out) from.
    """

    def __init__(self, linear: nn.Linear) -> None:
        super().__init__()
        self.out_features = linear.out_features
        self.bias = linear.bias
        self.packed = torch.ops.mkldnn._reorder_linear_weight(  # noqa: SLF001
            linear.weight.detach(), _ROWS_HINT
        )

    def forward(self, states: torch.Tensor) -> torch.Tensor:
        """(…, in) to (…, out)."""
        product: torch.Tensor = torch.ops.mkldnn._linear_pointwise(  # noqa: SLF001
            states, self.packed, self.bias, "none", [], ""
        )
        return product


def available() -> bool:
    """Whether this build of torch has oneDNN and its packed linear operators."""
    return bool(torch.backends.mkldnn.is_available()) and hasattr(
        torch.ops.mkldnn, "_linear_pointwise"
    )


def pack_linears(model: nn.Module) -> None:
    """Replace every linear layer of ``model`` in place, where that is possible."""
    if not available():
        return
    for module in list(model.modules()):
        for name, child in list(module.named_children()):
            if type(child) is nn.Linear:
                setattr(module, name, PackedLinear(child))
