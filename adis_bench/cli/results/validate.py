"""``adis-bench results validate``: whether results.json keeps its schema's promises and adds up."""

from pathlib import Path

import click

from adis_bench.cli.options import debug_option, json_option

NOT_VALID = 2
"""Exit code where a file has problems."""


@click.command(short_help="check results.json of runs: form, names, counts, intervals, differences")
@click.argument("paths", metavar="FILE ...", nargs=-1, required=True, type=click.Path(path_type=Path))
@json_option
@debug_option
def command(paths: tuple[Path, ...], as_json: bool) -> None:
    """Check results.json of runs (files, or folders of runs): form, names, counts, intervals, differences, scores of pairs.

    All comparisons of the run must be there, p_holm must be Holm's correction of the file's p, and where the scores of pairs lie beside
    the file, its differences on metrics of pairs must be what these give. Only regular files of up to 256 MiB are read.

    Every problem is a line with its JSON path. Exit codes: 0 all valid, 2 not valid.
    """
    import json
    from dataclasses import asdict

    from adis_bench.printable import printable
    from adis_bench.results.validation import problems_of

    found = {path: problems_of(path) for path in paths}
    n_problems = sum(map(len, found.values()))
    if as_json:
        files = [{"file": str(path), "valid": not problems, "problems": list(map(asdict, problems))} for path, problems in found.items()]
        click.echo(json.dumps({"valid": not n_problems, "n_problems": n_problems, "files": files}))
    else:
        for path, problems in found.items():
            for problem in problems:
                click.echo(f"{printable(str(path))}: {problem.path}: {problem.message}")
        n_broken = sum(bool(problems) for problems in found.values())
        files_text = f"{len(found)} file{'s' if len(found) > 1 else ''}"
        click.echo(
            f"{n_problems} problem{'s' if n_problems > 1 else ''} in {n_broken} of {files_text}" if n_problems else f"{files_text} valid"
        )
    if n_problems:
        raise click.exceptions.Exit(NOT_VALID)
