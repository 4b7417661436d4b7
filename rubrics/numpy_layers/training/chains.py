"""A chain of ours that travels with a student's layers where the sheet's own SimpleNN is too strict for them."""

from __future__ import annotations

PATIENT = "the grader's chain"
PATIENT_CHAIN = '''
import copy as _copy
import sys as _sys
import numpy as _np


class SimpleNN:
    """Layers in a row as on the sheet, but patient: every value is offered as an array first, then as a tensor."""

    def __init__(self, layers, loss, lr=0.005):
        self.layers, self.loss, self.lr, self.loss_value = layers, loss, lr, None
        self.inputs, self.output, self.known = [], None, {}

    def __call__(self, X):
        self.inputs = []
        for layer in self.layers:
            self.inputs.append(X)
            X = self.offer(layer, layer.forward, [X])
        self.output = X
        return X

    def backward(self, y):
        loss = self.offer(self.loss, self.loss.forward, [self.output, y])
        self.loss_value = float(loss.reshape(-1)[0])
        gradient = self.offer(self.loss, self.loss.backward, [self.output, y])
        for layer, X in zip(reversed(self.layers), reversed(self.inputs)):
            step = [self.lr] if hasattr(layer, "W") or getattr(layer, "with_weights", False) else []
            gradient = self.offer(layer, layer.backward, [X, gradient], step)

    def offer(self, owner, method, values, rest=()):
        plain = [self.plain(value) for value in values]
        kinds = [("array",) * len(plain)]
        if "torch" in _sys.modules:
            kinds += [("float64",) * len(plain), ("float32",) * len(plain)]
            if len(plain) == 2:
                kinds += [("float64", "float32"), ("array", "float32"), ("float64", "array")]
        place = id(owner), method.__name__
        kinds = [self.known[place]] if place in self.known else kinds  # what it took once it takes again
        before = _copy.deepcopy(owner.__dict__) if len(kinds) > 1 else {}
        for kind in kinds:
            try:
                given = [self.as_kind(value, one) for value, one in zip(plain, kind)]
                came = self.plain(method(*given, *rest))
                self.known[place] = kind
                return came
            except Exception:
                if kind is kinds[-1]:
                    raise
                owner.__dict__.clear()
                owner.__dict__.update(_copy.deepcopy(before))

    def as_kind(self, value, kind):
        if kind == "array":
            return _np.array(value)
        return _sys.modules["torch"].from_numpy(value.astype(kind))

    def plain(self, value):
        if hasattr(value, "detach"):
            value = value.detach().numpy()
        return _np.array(value, dtype=float, subok=False)
'''
