"""`torch.nn` as far as it is covered: `Module` to derive one's own layers from, and parameters without gradients."""

from __future__ import annotations

from typing import Any

from .not_covered import NotCovered
from .torch_tensor import Tensor

# What PyTorch's Module has and this one has not. Any other name is the student's own, or an AttributeError.
_NOT_COVERED = """
    add_module apply bfloat16 buffers children compile cpu cuda double extra_repr float get_buffer get_extra_state
    get_parameter get_submodule half ipu load_state_dict modules mtia named_buffers named_children named_modules
    named_parameters parameters register_backward_hook register_buffer register_forward_hook register_forward_pre_hook
    register_full_backward_hook register_full_backward_pre_hook register_module register_parameter
    register_state_dict_post_hook register_state_dict_pre_hook requires_grad_ set_extra_state set_submodule share_memory
    state_dict to to_empty type xpu zero_grad
"""


class Module:
    """Calls `forward` when it is called. Parameters are not collected."""

    def __init__(self) -> None:
        object.__setattr__(self, "_modules", {})
        self.training = True

    def forward(self, *input: Any) -> Any:
        raise NotImplementedError(f'Module [{type(self).__name__}] is missing the required "forward" function')

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if "_modules" not in self.__dict__:
            raise AttributeError(f"'{type(self).__name__}' object was called before Module.__init__()")
        return self.forward(*args, **kwargs)

    def __setattr__(self, name: str, value: Any) -> None:
        if isinstance(value, Module) and "_modules" not in self.__dict__:
            raise AttributeError("cannot assign module before Module.__init__() call")
        object.__setattr__(self, name, value)

    def __getattr__(self, name: str) -> Any:
        if name in _NOT_COVERED.split():
            raise NotCovered(f"torch.nn.Module.{name}")
        raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'")

    def train(self, mode: bool = True) -> Any:
        self.training = mode
        return self

    def eval(self) -> Any:
        return self.train(False)


class Parameter:
    """`nn.Parameter(tensor, requires_grad=False)` gives the tensor; the default, with gradients, is not covered."""

    def __new__(cls, data: Any = None, requires_grad: bool = True) -> Any:
        if requires_grad or not isinstance(data, Tensor):
            raise NotCovered("torch.nn.Parameter with requires_grad=True (automatic differentiation)")
        return data.detach()
