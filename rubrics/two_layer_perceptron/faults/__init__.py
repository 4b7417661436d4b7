"""What a student gets who has one thing wrong, by what is wrong.

Every fault declares the labels that it makes wrong; `claims.py` holds it to that in every format of hand-in.
"""

from __future__ import annotations

from typing import Final

from rubrics.two_layer_perceptron.faults import biases, chain, forward, scales, steps
from rubrics.two_layer_perceptron.faults.fault import LABELS, PARTS, Fault, reference

FAULTS: Final = tuple(
    found
    for module in (biases, steps, scales, chain, forward)
    for found in vars(module).values()
    if isinstance(found, Fault)
)

__all__ = ["FAULTS", "LABELS", "PARTS", "Fault", "reference"]
