"""Other names under which students keep W and b, and the words by which an L2 layer is known."""

WEIGHTS = {"W": ("w", "weight", "weights", "kernel", "Weight", "Weights"), "b": ("B", "bias", "biases", "Bias")}
L2_WORDS = ("l2", "lambda", "lam", "lamda", "lmbda", "reg", "weight_decay", "decay")
