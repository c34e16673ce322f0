"""axe-core in a page: what keeps people with disabilities out."""

from importlib.resources import files


def serious(page):
    """Rules that axe-core finds broken with serious or critical impact, each with the first place."""
    page.execute_script((files("axe_core_python") / "axe.min.js").read_text(encoding="utf-8"))
    found = page.execute_async_script(
        "const done = arguments[0];"
        "axe.run(document).then((result) => done(result.violations.map((v) => [v.impact, v.id, v.nodes[0].html.slice(0, 200)])));"
    )
    return [violation for violation in found if violation[0] in ("serious", "critical")]
