"""The worker's tests share `questions.py` and `both_torches.py`, which lie beside them."""

import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(scope="session")
def torch() -> Any:
    return pytest.importorskip("torch")


@pytest.fixture
def fresh_default() -> None:
    from both_torches import STANDIN

    STANDIN.set_default_dtype(STANDIN.float32)
