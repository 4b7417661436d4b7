"""Handwritten digits for Q7 and Q8 of sheet 004: a small sample that comes along, or the original files.

An image is a row of 784 numbers from -1 to 1 (the sheet normalises with mean 0.5 and deviation 0.5), a label one-hot of
width 10. Nothing is downloaded and nothing is unpickled.
"""

from __future__ import annotations

import gzip
import math
import struct
import zlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

SMALL = Path(__file__).parent / "expected" / "mnist_small.npz"
IMAGES, LABELS = 0x0803, 0x0801
FILES = {
    "train": ("train-images-idx3-ubyte", "train-labels-idx1-ubyte"),
    "validation": ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"),
}


class NoDigits(ValueError):
    """The files are not there or are no MNIST files; says which and why."""


@dataclass(frozen=True)
class Digits:
    """Training and validation digits: images m×784 in [-1, 1], labels m×10, one-hot."""

    images: Array
    labels: Array
    validation_images: Array
    validation_labels: Array


@cache
def digits(folder: Path | None = None) -> Digits:
    """The digits that Q7 and Q8 are trained on: of MNIST's own files in `folder`, or of the small sample without it.

    The arrays are shared between callers and cannot be written to. Raises NoDigits with a sentence.
    """
    chosen = small_sample() if folder is None else full_files(folder)
    for array in (chosen.images, chosen.labels, chosen.validation_images, chosen.validation_labels):
        array.setflags(write=False)
    return chosen


def source(folder: Path | None = None) -> str:
    """Where `digits(folder)` come from, in words that name no path."""
    return "mnist_small.npz" if folder is None else "MNIST's own files, the sheet's choice"


def small_sample() -> Digits:
    """50 training and 20 validation images of each digit (see `expected/mnist_small.NOTICE.txt`).

    >>> digits = small_sample()
    >>> digits.images.shape, digits.validation_images.shape, digits.labels.sum(axis=0).tolist()
    ((500, 784), (200, 784), [50.0, 50.0, 50.0, 50.0, 50.0, 50.0, 50.0, 50.0, 50.0, 50.0])
    """
    with np.load(SMALL, allow_pickle=False) as stored:
        return Digits(
            normalised(stored["images"]),
            one_hot(stored["labels"]),
            normalised(stored["validation_images"]),
            one_hot(stored["validation_labels"]),
        )


def full_files(folder: Path, training: int = 50, validation: int = 20) -> Digits:
    """The sheet's choice from MNIST's own four files (.gz or not): the first so many of each digit, in file order.

    torchvision keeps them in ``data/MNIST/raw``; give that folder or one above it. Raises NoDigits with a sentence.
    """
    images, labels = _first_of_each(folder, "train", training)
    validation_images, validation_labels = _first_of_each(folder, "validation", validation)
    return Digits(normalised(images), one_hot(labels), normalised(validation_images), one_hot(validation_labels))


def normalised(pixels: NDArray[Any]) -> Array:
    """Pixels from 0 to 255, m×784 or m×28×28, as the sheet's transform makes them: from -1 to 1."""
    return pixels.reshape(len(pixels), -1) / 127.5 - 1.0


def one_hot(labels: NDArray[Any]) -> Array:
    """Digits as rows of ten.

    >>> one_hot(np.array([2])).tolist()
    [[0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]]
    """
    rows: Array = np.eye(10)[labels.astype(int)]
    return rows


def _read_pair(folder: Path, part: str) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    images, labels = (
        _read_idx(_find(folder, name), magic) for name, magic in zip(FILES[part], (IMAGES, LABELS), strict=True)
    )
    if len(images) != len(labels):
        raise NoDigits(f"{folder}: {len(images)} images but {len(labels)} labels in the {part} files.")
    return images, labels


def _find(folder: Path, name: str) -> Path:
    for inside in (folder, folder / "raw", folder / "MNIST" / "raw"):
        for path in (inside / name, inside / f"{name}.gz"):
            if path.is_file():
                return path
    raise NoDigits(f"{folder} holds no {name} (or {name}.gz): it should be the folder with MNIST's four files.")


def _read_idx(path: Path, magic: int) -> NDArray[np.uint8]:
    try:
        data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    except (OSError, EOFError, zlib.error) as error:
        raise NoDigits(f"{path} cannot be read: {error}.") from error
    if struct.unpack(">I", data[:4].ljust(4, b"\xff"))[0] != magic:
        raise NoDigits(f"{path} is no MNIST file of its kind: it does not begin with the number {magic}.")
    header = 4 + 4 * (magic & 0xFF)
    if len(data) < header:
        raise NoDigits(f"{path} is cut short: it ends within its first {header} bytes.")
    sides = struct.unpack(f">{magic & 0xFF}I", data[4:header])
    if magic == IMAGES and sides[1:] != (28, 28):
        raise NoDigits(f"{path} holds images of {sides[1]}×{sides[2]} pixels where 28×28 belong.")
    content = np.frombuffer(data, np.uint8, offset=header)
    if content.size != math.prod(sides):
        raise NoDigits(f"{path} is cut short or too long: {content.size} bytes where {math.prod(sides)} belong.")
    return content.reshape(sides)


def _first_of_each(folder: Path, part: str, count: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    images, labels = _read_pair(folder, part)
    each = [np.flatnonzero(labels == digit)[:count] for digit in range(10)]
    short = [str(digit) for digit, found in enumerate(each) if len(found) < count]
    if short:
        raise NoDigits(f"{folder}: the {part} files hold fewer than {count} images of the digit {', '.join(short)}.")
    chosen = np.sort(np.concatenate(each))
    return images[chosen], labels[chosen]
