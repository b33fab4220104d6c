"""Who may look at whom, as masks that are added to attention's scores."""

import math
from collections.abc import Sequence

import torch

from evaluator.engine.trie import ROOT


def ancestors_only(parents: Sequence[int]) -> torch.Tensor:
    """Additive mask (nodes, nodes): 0 for itself and ancestors, else -inf."""
    seen = torch.zeros(len(parents), len(parents), dtype=torch.bool)
    for node, parent in enumerate(parents):
        if parent != ROOT:
            seen[node] = seen[parent]
        seen[node, node] = True
    return torch.zeros(seen.shape).masked_fill_(~seen, -math.inf)
