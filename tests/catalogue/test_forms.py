"""Texts that AWS takes in certain forms only."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter, ValidationError

from fixtures.catalogue.forms import Runtime, ScheduleExpression

RUNTIME: TypeAdapter[str] = TypeAdapter(Runtime)
EXPRESSION: TypeAdapter[str] = TypeAdapter(ScheduleExpression)


@pytest.mark.parametrize(
    "runtime",
    ["python3.9", "python3.13", "nodejs22.x", "java21", "java8.al2", "dotnet8", "ruby3.4", "provided.al2023"],
)
def test_runtimes_of_lambda_are_taken(runtime: str) -> None:
    assert RUNTIME.validate_python(runtime) == runtime


@pytest.mark.parametrize(
    "runtime", ["python", "python3", "python2.7", "nodejs22", "java", "provided", "Python3.12", ""]
)
def test_other_runtimes_are_refused_in_words(runtime: str) -> None:
    with pytest.raises(ValidationError, match=r"nodejsN\.x, javaN"):
        RUNTIME.validate_python(runtime)


@pytest.mark.parametrize(
    "expression",
    [
        "rate(1 minute)",
        "rate(2 minutes)",
        "rate(10 hours)",
        "rate(1 day)",
        "cron(0 4 * * ? *)",
        "cron(0/5 8-17 ? * MON-FRI *)",
        "cron(0 0 L * ? *)",
        "cron(0 10 ? * 6#3 2026-2030)",
        "cron(0 10 ? * 6L *)",
        "cron(30 6,18 15W JAN,JUL ? *)",
    ],
)
def test_schedules_of_eventbridge_are_taken(expression: str) -> None:
    assert EXPRESSION.validate_python(expression) == expression


@pytest.mark.parametrize(
    "expression",
    [
        "rate(1 minutes)",
        "rate(0 minutes)",
        "rate(05 minutes)",
        "rate(2 minute)",
        "rate(2 weeks)",
        "rate(15 minutes) ",
        "rate(-2 days)",
        "cron(0 4 * * *)",
        "cron(0 4 * * * *)",
        "cron(0 4 ? * ? *)",
        "cron(0 4 * * ? * *)",
        "cron(at four)",
        "at(2026-01-01T00:00:00)",
        "0 4 * * ? *",
    ],
)
def test_other_schedules_are_refused_in_words(expression: str) -> None:
    with pytest.raises(ValidationError, match=r"rate\(1 minute\|hour\|day\)"):
        EXPRESSION.validate_python(expression)
