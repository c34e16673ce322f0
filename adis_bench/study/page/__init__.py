"""The page on which people rank."""

from adis_bench.study.page.assets import csp
from adis_bench.study.page.render import (
    SANDBOX_SUBMIT_URL,
    SUBMIT_URL,
    render_consent,
    render_message,
    render_mturk,
    render_preview,
    render_question,
    render_server,
)

__all__ = [
    "SANDBOX_SUBMIT_URL",
    "SUBMIT_URL",
    "csp",
    "render_consent",
    "render_message",
    "render_mturk",
    "render_preview",
    "render_question",
    "render_server",
]
