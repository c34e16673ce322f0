"""``adis-bench check``: what is installed and what stands in the way."""

import click

from adis_bench.cli.options import debug_option


@click.command()
@debug_option
def command() -> None:
    """Show versions, device, cache, weights, and plug-ins or packages that are shadowed or cannot be imported.

    Exits with 2 if something stands in the way of `adis-bench run`.
    """
    from adis_bench.diagnosis import diagnose

    findings = diagnose()
    for finding in findings:
        mark = click.style("ok  ", fg="green") if finding.fine else click.style("look", fg="yellow", bold=True)
        click.echo(f"{mark}  {finding.what}: {finding.text}")
    broken = [finding for finding in findings if not finding.fine]
    if broken:
        raise click.ClickException(f"{len(broken)} of {len(findings)} checks need a look")
