"""Handwritten digits for Q7 and Q8 of sheet 004: a small sample that comes along, or the original files.

An image is a row of 784 numbers from -1 to 1 (the sheet normalises with mean 0.5 and deviation 0.5), a label one-hot of
width 10. Nothing is downloaded and nothing is unpickled.
"""

from __future__ import annotations

import gzip
import struct
from dataclasses import dataclass
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


class NoDigits(Exception):
    """The files are not there or are no MNIST files; says which and why."""


@dataclass(frozen=True)
class Digits:
    """Training and validation digits: images m×784 in [-1, 1], labels m×10, one-hot."""

    images: Array
    labels: Array
    validation_images: Array
    validation_labels: Array


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
    """The sheet's choice from MNIST's own four files (.gz or not): the first so many of each digit, in the files' order.

    torchvision keeps them in ``data/MNIST/raw``; give that folder or one above it. Raises NoDigits with a sentence.
    """
    images, labels = _first_of_each(*_read_pair(folder, "train"), training)
    validation_images, validation_labels = _first_of_each(*_read_pair(folder, "validation"), validation)
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
    images, labels = (_read_idx(_find(folder, name), magic) for name, magic in zip(FILES[part], (IMAGES, LABELS), strict=True))
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
    except (OSError, EOFError) as error:
        raise NoDigits(f"{path} cannot be read: {error}.") from error
    if len(data) < 8 or struct.unpack(">I", data[:4])[0] != magic:
        raise NoDigits(f"{path} is no MNIST file: it does not begin with the number {magic}.")
    sides = struct.unpack(f">{magic & 0xFF}I", data[4 : 4 + 4 * (magic & 0xFF)])
    content = np.frombuffer(data, np.uint8, offset=4 + 4 * (magic & 0xFF))
    if content.size != int(np.prod(sides)):
        raise NoDigits(f"{path} is cut short: {content.size} bytes where {int(np.prod(sides))} belong.")
    return content.reshape(sides)


def _first_of_each(
    images: NDArray[np.uint8], labels: NDArray[np.uint8], count: int
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    chosen = np.sort(np.concatenate([np.flatnonzero(labels == digit)[:count] for digit in range(10)]))
    return images[chosen], labels[chosen]
