"""Linear layers whose weights are laid out once for oneDNN's kernels.

On processors for which torch's default library takes a slow path this doubles the
speed. From two rows on, a row's bits depend on that row and the weights alone, not
on how many others are beside it: a test holds the kernels to it. The operators are
torch's own but private: without them the ordinary layer stays, and the engine's
version names torch's.
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
        return self._unary(states, "none")

    def silu(self, states: torch.Tensor) -> torch.Tensor:
        """x sigmoid(x) of the product, while it is still in registers."""
        return self._unary(states, "swish")

    def plus(self, states: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
        """The product plus ``other`` (…, out)."""
        return self._binary(states, other, "add")

    def times(self, states: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
        """The product times ``other`` (…, out), element by element."""
        return self._binary(states, other, "mul")

    def _unary(self, states: torch.Tensor, name: str) -> torch.Tensor:
        product: torch.Tensor = torch.ops.mkldnn._linear_pointwise(  # noqa: SLF001
            states, self.packed, self.bias, name, [], ""
        )
        return product

    def _binary(
        self, states: torch.Tensor, other: torch.Tensor, name: str
    ) -> torch.Tensor:
        product: torch.Tensor = torch.ops.mkldnn._linear_pointwise.binary(  # noqa: SLF001
            states, other, self.packed, self.bias, name
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
