"""Q6 of sheet 004: the update of a linear layer with L2 regularisation, judged by the λ that explains it."""
