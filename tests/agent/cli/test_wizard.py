"""What the wizard asks at a terminal."""

import os

import pytest
from click.testing import CliRunner

from agent.cli.wizard import ask_for_proxy
from keys.checkup import Finding

PROXY = "http://sara:s3cret@proxy.pars.example:3128"
DROPPED = [Finding("home", "ok", "Fine."), Finding("connection", "failed", "No way out.")]


def answered(typed: str, findings: list[Finding], url: str = "https://licences.example.com") -> tuple[bool, str]:
    """Let the question be answered; return whether a proxy was named, and what was asked."""
    with CliRunner().isolation(input=typed) as (_, errors, _):
        return ask_for_proxy(findings, url), errors.getvalue().decode()


def test_a_proxy_that_is_named_counts_from_then_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://wrong.example:3128")
    monkeypatch.setenv("HTTPS_PROXY", "http://wrong.example:3128")
    monkeypatch.setenv("HTTP_PROXY", "as it was")
    named, asked = answered(f"{PROXY}\n", DROPPED)
    assert (named, "If only a proxy leads out" in asked) == (True, True)
    assert ("https_proxy" in os.environ, os.environ["HTTPS_PROXY"]) == (False, PROXY)
    assert os.environ["HTTP_PROXY"] == "as it was"
    assert answered(f"{PROXY}\n", DROPPED, "http://10.0.0.1:7410")[0]
    assert os.environ["HTTP_PROXY"] == PROXY


def test_nobody_is_asked_for_a_proxy_that_would_not_help(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HTTPS_PROXY", raising=False)
    assert answered("\n", DROPPED)[0] is False
    assert answered("", [Finding("clock", "failed", "It is wrong."), Finding("proxy", "ok", "None.")]) == (False, "")
    assert "HTTPS_PROXY" not in os.environ
