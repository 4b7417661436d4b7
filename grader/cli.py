"""The `grade` command: options, progress and sentences; the work is done elsewhere."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from grader import __version__, session
from grader.catalogue import UnknownHomework, homework, keys
from grader.export.errors import ExportError
from grader.summary import closing_lines, progress_line

WRONG_USE = 2
NOT_JUDGED = 3


class _Commands(click.Group):
    """`grade FOLDER` is `grade submissions FOLDER`: whatever is no command is taken for a folder."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and args[0] not in {"--help", "-h", "--version"}:
            args = ["submissions", *args]
        return super().parse_args(ctx, args or ["--help"])


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def main() -> None:
    """Grade backpropagation homework: notebooks in, a spreadsheet with the reason for every lost mark out.

    \b
    grade SUBMISSIONS             grade a folder, a file or a zip (see: grade submissions --help)
    """


@main.command()
@click.argument("path", metavar="SUBMISSIONS", type=click.Path(path_type=Path))
@click.option("--homework", "key", metavar="KEY", help="Which homework; recognised from the files if left out.")
@click.option(
    "--out", type=click.Path(path_type=Path), default=Path("grades"), show_default=True, help="Where results go."
)
@click.option("--only", metavar="Q1,Q3", help="Judge these questions only.")
@click.option("--jobs", type=click.IntRange(1), help="How many submissions at a time; as many as there are cores.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Draws the hidden cases.")
@click.option("--roster", type=click.Path(path_type=Path), help="CSV with columns id and name.")
@click.option("--unconfined", is_flag=True, help="Run student code even where this machine cannot confine it.")
@click.option(
    "--full-training", is_flag=True, help="Run whole training loops where a short trajectory stands for them."
)
@click.option("--quiet", is_flag=True, help="Print nothing but errors.")
def submissions(path: Path, quiet: bool, **options: Any) -> None:
    """Grade a folder of submissions, one file, or a zip."""
    options["only"] = (
        tuple(part.strip() for part in options["only"].split(",") if part.strip()) if options["only"] else None
    )
    try:
        plan = session.plan(path, session.Wishes(**options))
        for remark in plan.remarks:
            click.echo(f"grade: {remark}", err=True)
        worst = 0
        for run in plan.runs:
            outcome = session.carry_out(run, progress_line(quiet, len(run.submissions)))
            if not quiet:
                for line in closing_lines(outcome):
                    click.echo(line)
            worst = max(worst, NOT_JUDGED if outcome.ours else 0)
    except (session.WrongUse, UnknownHomework) as error:
        _stop(str(error), WRONG_USE)
    except session.CannotGrade as error:
        _stop(str(error), NOT_JUDGED)
    except KeyboardInterrupt:
        _stop("Stopped. What was finished is kept: the same command goes on from there.", 130)
    sys.exit(worst)


@main.command()
@click.argument("key", required=False)
@click.option("--local", is_flag=True, help="In this process only, without the confined worker (faster).")
def verify(key: str | None, local: bool) -> None:
    """Prove the rubric: every fault loses its labels and is named, every right variant keeps full marks."""
    from grader.verify import matrix_lines, verify_homework

    good = True
    for name in _chosen(key):
        rows = verify_homework(homework(name), worker=not local)
        for line in matrix_lines(name, rows):
            click.echo(line)
        good &= all(row.ok for row in rows)
    sys.exit(0 if good else 1)


@main.command()
@click.argument("key", required=False)
@click.option("--as", "style", type=click.Choice(["text", "markdown", "xlsx"]), default="text", show_default=True)
@click.option("--out", type=click.Path(path_type=Path), help="The folder for xlsx files.  [default: .]")
def tables(key: str | None, style: str, out: Path | None) -> None:
    """Print the reference's tables, vectors and outcomes, and how they were verified."""
    from grader.tables import table_lines, write_tables

    for name in _chosen(key):
        if style == "xlsx":
            path = (out or Path()) / f"{name}-tables.xlsx"
            path.parent.mkdir(parents=True, exist_ok=True)
            write_tables(homework(name), path)
            click.echo(str(path))
            continue
        for line in table_lines(homework(name), style):
            click.echo(line)


@main.command()
def doctor() -> None:
    """Try to break out of the confinement, and say what this machine offers and what is missing."""
    from grader.doctor import examine

    for finding in examine():
        click.echo(f"  {'ok  ' if finding.good else 'OPEN'}  {finding.words}")


@main.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--to", "target", required=True, help="canvas, moodle, gradescope or csv")
def export(folder: Path, target: str) -> None:
    """Write the results in DIR (a graded homework's folder) in another program's format."""
    from grader.export.lms import export as write

    try:
        for path in write(session.stored_gradebook(folder), target, folder):
            click.echo(str(path))
    except (ExportError, session.WrongUse, UnknownHomework) as error:
        _stop(str(error), WRONG_USE)


def _chosen(key: str | None) -> tuple[str, ...]:
    if key is not None and key not in keys():
        _stop(f"There is no homework {key!r}. The homeworks are: {', '.join(keys())}.", WRONG_USE)
    return (key,) if key is not None else keys()


def _stop(message: str, code: int) -> None:
    click.echo(f"grade: {message}", err=True)
    sys.exit(code)
