"""Training outcomes of sheet 004: closed forms, PyTorch from the same start, and the outcomes on file."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from reference_solutions import mnist, training
from reference_solutions.outcomes import Frozen, Outcome, frozen, rounded


def least_squares_loss(x: Any, y: Any) -> float:
    """The loss of the best line, by numpy's solver: no net is involved."""
    design = np.hstack([x, np.ones_like(x)])
    coefficients = np.linalg.lstsq(design, y, rcond=None)[0]
    return float(np.mean((design @ coefficients - y) ** 2))


# -- closed forms


def test_without_activations_the_net_ends_at_the_least_squares_line() -> None:
    x, y = training.sine(100)
    best = least_squares_loss(x, y)
    assert best == pytest.approx(0.2032, abs=5e-5)
    np.random.seed(7)
    outcome = training.train(training.sine_net("none"), x, y, most=1000)
    assert outcome.loss == pytest.approx(best, rel=1e-6)
    for name, samples in (("Q5 none 100", 100), ("Q5 none 1000", 1000)):
        wanted = least_squares_loss(*training.sine(samples))
        assert [run.loss for run in frozen().outcomes[name]] == pytest.approx(
            [wanted] * len(frozen().outcomes[name]), rel=1e-5
        )


def test_with_relu_the_net_goes_below_the_line() -> None:
    """The negative control: the closed form is no bound of every net."""
    np.random.seed(7)
    assert training.train(training.sine_net("ReLU"), *training.sine(), most=1200).loss < 0.1


def test_the_convolutional_net_never_learns_from_its_zero_start() -> None:
    for seed, run in enumerate(frozen().outcomes["Q10"]):
        np.random.seed(seed)
        X, y = training.conv_data()
        assert run.loss == pytest.approx(float(np.var(y)), rel=1e-4)
        assert run.iterations == 20_000
    np.random.seed(0)
    X, y = training.conv_data()
    model = training.conv_net()
    outcome = training.train(model, X, y, most=300)
    assert outcome.loss == pytest.approx(float(np.var(y)), rel=1e-6)
    assert not np.any(model.layers[0].W)
    assert not np.any(model.layers[2].W)


def test_a_convolutional_net_that_does_not_start_at_zero_learns() -> None:
    np.random.seed(0)
    X, y = training.conv_data()
    model = training.conv_net()
    for place in (0, 2):
        model.layers[place].W = np.random.randn(*model.layers[place].W.shape) * 0.5
    for place in (3, 5, 7):
        model.layers[place].W *= 20
    assert training.train(model, X, y, most=600).loss < 0.5 * float(np.var(y))


# -- what is on file


def test_relu_reaches_the_threshold_in_about_4000_iterations_and_sigmoid_does_not() -> None:
    kept = frozen()
    first, last = kept.iterations("Q4 ReLU 100") or (0, 0)
    assert 3500 < first <= last < 4800
    assert kept.iterations("Q4 ReLU 1000") == (4094, 4094)
    assert kept.iterations("Q4 Sigmoid 100") is None
    assert all(5e-3 < run.loss < 2e-2 for run in kept.outcomes["Q4 Sigmoid 100"])


def test_more_regularisation_ends_at_a_higher_loss() -> None:
    last = [max(run.loss for run in frozen().outcomes[f"Q6 lambda {value}"]) for value in ("0.0001", "0.001", "0.01")]
    assert last == sorted(last)
    assert frozen().outcomes["Q6 lambda 0.1"][0].loss == pytest.approx(0.495, abs=1e-4)  # var(y): nothing is left


def test_the_classifier_recognises_three_quarters_of_the_validation_digits() -> None:
    low, high = frozen().accuracies("Q7", 200) or (0.0, 0.0)
    assert 0.7 <= low <= high <= 0.85
    best = {name: max(run.accuracies[10] for run in runs) for name, runs in frozen().outcomes.items() if "Q8" in name}
    assert max(best, key=lambda name: best[name]) == "Q8 lr 0.01"
    assert best["Q8 lr 0.3"] == pytest.approx(0.1)  # one digit for all: diverged


def test_a_run_on_file_is_what_its_seed_gives() -> None:
    setup = next(setup for setup, _ in training.REGRESSIONS if setup.name == "Q4 ReLU 100")
    kept = frozen().outcomes[setup.name][0]
    again = rounded(training.regression(setup, 0))
    assert again.iterations == kept.iterations
    assert dict(again.curve) == pytest.approx(dict(kept.curve), rel=1e-4)
    other = training.regression(training.Regression("other", most=301), 1)
    assert other.curve[300] != pytest.approx(kept.curve[300], rel=1e-4)


def test_the_writer_gives_back_the_file_and_freezing_writes_what_can_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training, "REGRESSIONS", ((training.Regression("a", most=3), 2),))
    monkeypatch.setattr(training, "CLASSIFICATIONS", ((training.Classification("b", 0.01, 1), 1),))
    said: list[str] = []
    path = tmp_path / "outcomes.json"
    training.freeze(None, path, said.append)
    kept = frozen(path)
    assert kept.command == "python -m reference_solutions.training --freeze"
    assert [len(kept.outcomes[name]) for name in "ab"] == [2, 1]
    assert kept.outcomes["a"][0].iterations == 3
    assert list(kept.outcomes["b"][0].accuracies) == [1]
    assert len(said) == 2


def test_a_range_says_nothing_of_iterations_that_no_run_reached() -> None:
    def kept(loss: float) -> Frozen:
        run = Outcome(0, 10, loss, 0.1, {0: 0.5, 5: 0.2})
        return Frozen("", "", {"n": {"threshold": 1e-4}}, {"n": (run,)})

    assert kept(0.1).range_at("n", 5) == (0.2, 0.2)
    assert kept(0.1).range_at("n", 3) == (0.2, 0.5)
    assert kept(0.1).range_at("n", 9) == (0.1, 0.1)
    assert kept(0.1).range_at("n", 10) is None  # stopped early: nobody knows
    assert kept(1e-5).range_at("n", 9000) == (1e-5, 1e-5)  # the threshold was reached: it stays
    assert kept(0.1).range_at("m", 0) is None


# -- PyTorch as the oracle


@pytest.mark.parametrize("kind", ["ReLU", "Sigmoid", "none", "conv"])
def test_the_first_iterations_are_pytorchs(kind: str) -> None:
    torch = pytest.importorskip("torch")
    np.random.seed(3)
    if kind == "conv":
        X, y = training.conv_data()
        model = training.conv_net()
        for place in (0, 2):  # from zero, agreement would say little
            model.layers[place].W = np.random.randn(*model.layers[place].W.shape)
    else:
        X, y = training.sine()
        model = training.sine_net(kind)
    parameters = [
        (torch.tensor(layer.W.copy(), requires_grad=True), torch.tensor(layer.b.copy(), requires_grad=True))
        if layer.with_weights
        else None
        for layer in model.layers
    ]

    def forward(value: Any) -> Any:
        for layer, pair in zip(model.layers, parameters, strict=True):
            if pair is None:
                value = torch.relu(value) if type(layer).__name__ == "ReLU" else torch.sigmoid(value)
            elif type(layer).__name__ == "Conv1d":
                pad = {5: 3, 3: 0}[layer.W.shape[1]]
                value = torch.nn.functional.conv1d(value[:, None], pair[0][None], pair[1][0], padding=pad)[:, 0]
            else:
                value = value @ pair[0] + pair[1]
        return value

    ours, theirs = [], []
    for _ in range(30):
        model(X)
        model.backward(y)
        ours.append(model.loss_value)
        loss = torch.mean((forward(torch.tensor(X)) - torch.tensor(y)) ** 2)
        loss.backward()
        theirs.append(loss.item())
        with torch.no_grad():
            for pair in parameters:
                for parameter in pair or ():
                    parameter -= 0.05 * parameter.grad
                    parameter.grad = None
    assert ours == pytest.approx(theirs, rel=1e-10)
    assert ours[-1] != pytest.approx(ours[0], rel=1e-10)


def test_the_first_pictures_are_pytorchs() -> None:
    torch = pytest.importorskip("torch")
    np.random.seed(3)
    model = training.classifier(lr=0.05)
    linear = [layer for layer in model.layers if layer.with_weights]
    parameters = [torch.tensor(p.copy(), requires_grad=True) for layer in linear for p in (layer.W, layer.b)]
    chosen = mnist.digits()
    ours, theirs = [], []
    for image, label in zip(chosen.images[:40], chosen.labels[:40], strict=True):
        model(image[np.newaxis])
        model.backward(label[np.newaxis])
        ours.append(float(model.loss_value))
        hidden = torch.tensor(image[np.newaxis])
        for place in range(0, 6, 2):
            hidden = hidden @ parameters[place] + parameters[place + 1]
            hidden = torch.relu(hidden) if place < 4 else hidden
        loss = torch.nn.functional.cross_entropy(hidden, torch.tensor(label[np.newaxis]))
        loss.backward()
        theirs.append(loss.item())
        with torch.no_grad():
            for parameter in parameters:
                parameter -= 0.05 * parameter.grad
                parameter.grad = None
    assert ours == pytest.approx(theirs, rel=1e-9)


# -- digits


def test_the_sample_holds_50_and_20_of_every_digit() -> None:
    chosen = mnist.digits()
    assert chosen.images.shape == (500, 784)
    assert chosen.validation_images.shape == (200, 784)
    assert chosen.labels.sum(axis=0).tolist() == [50.0] * 10
    assert chosen.validation_labels.sum(axis=0).tolist() == [20.0] * 10
    assert (chosen.images.min(), chosen.images.max()) == (-1.0, 1.0)
    together = np.vstack([chosen.images, chosen.validation_images])
    assert len(np.unique(together, axis=0)) == 700  # nothing is learnt that is asked later
    with pytest.raises(ValueError, match="read-only"):
        chosen.images[0, 0] = 0.5


def test_the_labels_belong_to_the_images() -> None:
    """A least-squares classifier finds them again, one with shuffled labels does not."""
    chosen = mnist.digits()

    def recognised(labels: Any) -> float:
        design = chosen.images.T @ chosen.images + 100 * np.eye(784)
        weights = np.linalg.solve(design, chosen.images.T @ labels)
        guessed = (chosen.validation_images @ weights).argmax(axis=1)
        return float(np.mean(guessed == chosen.validation_labels.argmax(axis=1)))

    assert recognised(chosen.labels) > 0.6
    assert recognised(np.random.default_rng(0).permutation(chosen.labels)) < 0.3


def idx(array: Any, magic: int) -> bytes:
    content: bytes = array.astype(np.uint8).tobytes()
    return struct.pack(f">I{array.ndim}I", magic, *array.shape) + content


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """MNIST's four files in small: 60 training and 25 validation images of each digit, in a mixed order."""
    rng = np.random.default_rng(1)
    raw = tmp_path / "data" / "MNIST" / "raw"
    raw.mkdir(parents=True)
    for part, each in (("train", 60), ("t10k", 25)):
        labels = rng.permutation(np.repeat(np.arange(10), each))
        images = np.broadcast_to(labels[:, None, None], (len(labels), 28, 28)).copy()
        images[:, 0, 0] = np.arange(len(labels)) % 256
        (raw / f"{part}-images-idx3-ubyte").write_bytes(idx(images, 0x803))
        (raw / f"{part}-labels-idx1-ubyte.gz").write_bytes(gzip.compress(idx(labels, 0x801)))
    return raw


def test_the_full_files_are_read_as_the_sheet_reads_them(folder: Path) -> None:
    chosen = mnist.digits(folder.parent.parent)
    assert chosen.labels.sum(axis=0).tolist() == [50.0] * 10
    assert chosen.validation_labels.sum(axis=0).tolist() == [20.0] * 10
    own = np.rint((chosen.images[:, 100] + 1) * 127.5)
    assert np.array_equal(own, chosen.labels.argmax(axis=1))
    labels = np.frombuffer(gzip.decompress((folder / "train-labels-idx1-ubyte.gz").read_bytes())[8:], np.uint8)
    taken, seen = [], dict.fromkeys(range(10), 0)
    for position, label in enumerate(labels.tolist()):  # the sheet's own loop
        if seen[label] < 50:
            taken.append(position)
            seen[label] += 1
    assert np.array_equal(np.rint((chosen.images[:, 0] + 1) * 127.5), np.array(taken) % 256)
    assert mnist.source(folder) != mnist.source()


@pytest.mark.parametrize(
    ("name", "change", "says"),
    [
        ("train-images-idx3-ubyte", lambda data: data[:-1], "cut short"),
        ("train-images-idx3-ubyte", lambda data: data + b"\0", "too long"),
        ("train-images-idx3-ubyte", lambda data: data[:11], "cut short"),
        ("train-images-idx3-ubyte", lambda data: b"", "no MNIST file"),
        ("train-images-idx3-ubyte", lambda data: struct.pack(">I", 0x801) + data[4:], "does not begin with"),
        ("train-images-idx3-ubyte", lambda data: data[:4] + struct.pack(">III", 600, 14, 56) + data[16:], "14×56"),
        ("train-images-idx3-ubyte", lambda data: data[:4] + b"\xff" * 4 + data[8:], "cut short"),
        ("train-labels-idx1-ubyte.gz", lambda data: data[:40], "cannot be read"),
        ("train-labels-idx1-ubyte.gz", lambda data: b"no gzip at all", "cannot be read"),
        ("train-labels-idx1-ubyte.gz", lambda data: gzip.compress(idx(np.zeros(600), 0x801)), "fewer than 50"),
        ("t10k-labels-idx1-ubyte.gz", lambda data: gzip.compress(idx(np.zeros(3), 0x801)), "250 images but 3 labels"),
        ("t10k-labels-idx1-ubyte.gz", None, "holds no t10k-labels-idx1-ubyte"),
    ],
)
def test_files_that_are_not_mnists_are_refused_in_a_sentence(folder: Path, name: str, change: Any, says: str) -> None:
    path = folder / name
    if change is None:
        path.unlink()
    else:
        path.write_bytes(change(path.read_bytes()))
    with pytest.raises(mnist.NoDigits, match=says):
        mnist.digits(folder)
