"""Numbers that students report for sheet 004's training questions, set beside the reference's: evidence, no marks."""

from rubrics.numpy_layers.reported.figures import with_figures

__all__ = ["with_figures"]
